package ai.consilium.reward.judge;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.chat.ChatBudget;
import ai.consilium.platform.chat.ChatLedger;
import org.jspecify.annotations.Nullable;

/**
 * What a run may spend on a judge; what is known from before costs nothing. Reward services that share no directory of answers
 * count for themselves.
 *
 * @param maxRequests absent: any number
 * @param maxTokens of prompts and answers; absent: any number
 * @param maxCost by {@code price}; absent: anything
 * @param price absent: none is known
 */
public record JudgeBudget(
        @Nullable Long maxRequests,
        @Nullable Long maxTokens,
        @Nullable Double maxCost,
        @Nullable Price price) {
    /** Without limits. */
    public static final JudgeBudget NONE = new JudgeBudget(null, null, null, null);

    /**
     * In the currency of the bill.
     *
     * @param prompt of a million tokens that are asked
     * @param completion of a million tokens that are answered
     */
    public record Price(double prompt, double completion) {
        /** Refuses what is no price. */
        public Price {
            require(Double.isFinite(prompt) && prompt >= 0, "prompt: must be 0 or more, not " + prompt);
            require(Double.isFinite(completion) && completion >= 0, "completion: must be 0 or more, not " + completion);
        }
    }

    /** Checks the bounds. */
    public JudgeBudget {
        require(maxRequests == null || maxRequests >= 1, "max_requests: must be at least 1, not " + maxRequests);
        require(maxTokens == null || maxTokens >= 1, "max_tokens: must be at least 1, not " + maxTokens);
        require(
                maxCost == null || Double.isFinite(maxCost) && maxCost > 0,
                "max_cost: must be more than 0, not " + maxCost);
        require(
                (maxCost == null) == (price == null),
                "max_cost: goes with price: {prompt: ..., completion: ...}, of a million tokens");
    }

    /** What is left of it. @param ledger of what was spent before; null: nothing was */
    ChatBudget since(@Nullable ChatLedger ledger) {
        return new ChatBudget(
                maxRequests == null ? Long.MAX_VALUE : maxRequests,
                maxTokens == null ? Long.MAX_VALUE : maxTokens,
                maxCost == null || price == null
                        ? ChatBudget.Money.FREE
                        : new ChatBudget.Money(maxCost, price.prompt(), price.completion()),
                ledger);
    }
}
