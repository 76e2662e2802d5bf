package ai.consilium.reward.scorer;

import ai.consilium.platform.chat.ChatCache;
import ai.consilium.platform.chat.ChatLedger;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What is known of judges beyond this process.
 *
 * @param answers what they said before; null: it is not kept
 * @param spent directory of what was spent on each in this run; null: it is not kept
 */
public record JudgeMemory(
        @Nullable ChatCache answers, @Nullable Path spent) {
    /** Nothing is kept. */
    public static final JudgeMemory NONE = new JudgeMemory(null, null);

    /** What was spent on a scorer's judge; null where it is not kept. */
    public @Nullable ChatLedger ledger(String scorer) {
        return spent == null ? null : new ChatLedger(spent.resolve(scorer));
    }
}
