package ai.consilium.platform.chat;

import ai.consilium.platform.chat.ChatException.Kind;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How much may be asked. What a request may at most answer is set aside while it is under way, so that the limit on tokens is
 * passed by no more than the prompts of the requests under way, which only the server can count. Thread-safe.
 */
public final class ChatBudget {
    private static final double PRICED_TOKENS = 1_000_000;

    /**
     * What tokens cost, in whatever currency the server's owner bills.
     *
     * @param most that may be spent
     * @param prompt price of a million tokens that are asked
     * @param completion price of a million tokens that are answered
     */
    public record Money(double most, double prompt, double completion) {
        /** Without a limit. */
        public static final Money FREE = new Money(Double.POSITIVE_INFINITY, 0, 0);

        double of(long promptTokens, long completionTokens) {
            return (promptTokens * prompt + completionTokens * completion) / PRICED_TOKENS;
        }
    }

    private final long mostRequests;
    private final long mostTokens;
    private final Money money;
    private final @Nullable ChatLedger ledger;
    private long requests;
    private long tokens;
    private double cost;
    private long setAside;
    private int underWay;

    /**
     * Of a start.
     *
     * @param mostRequests tries that go out
     * @param mostTokens of prompts and answers, as servers count them
     */
    public ChatBudget(long mostRequests, long mostTokens) {
        this(mostRequests, mostTokens, Money.FREE, null);
    }

    /**
     * Of more than one start.
     *
     * @param mostRequests tries that go out
     * @param mostTokens of prompts and answers, as servers count them
     * @param money that they may cost
     * @param ledger of what was spent before; null: of this start alone
     */
    public ChatBudget(long mostRequests, long mostTokens, Money money, @Nullable ChatLedger ledger) {
        this.mostRequests = mostRequests;
        this.mostTokens = mostTokens;
        this.money = money;
        this.ledger = ledger;
        if (ledger != null) {
            ChatLedger.Spent before = ledger.spent();
            requests = before.requests();
            tokens = before.promptTokens() + before.completionTokens();
            cost = money.of(before.promptTokens(), before.completionTokens());
        }
    }

    /** Without limits. */
    public static ChatBudget unlimited() {
        return new ChatBudget(Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * Before a try goes out; waits for others where they may give back enough.
     *
     * @param most tokens that it may answer
     * @throws ChatException when nothing is left
     */
    synchronized void begin(int most) throws ChatException, InterruptedException {
        while (underWay > 0 && requests < mostRequests && !affords(most)) {
            wait();
        }
        if (requests >= mostRequests) {
            throw new ChatException(Kind.BUDGET, "the budget of " + mostRequests + " requests is spent");
        }
        if (most > mostTokens - tokens - setAside) {
            throw new ChatException(
                    Kind.BUDGET,
                    "of the budget of " + mostTokens + " tokens " + tokens + " are spent, and the next answer may take "
                            + most);
        }
        if (!affords(most)) {
            throw new ChatException(
                    Kind.BUDGET,
                    String.format(
                            Locale.ROOT,
                            "of the budget of %s, %.4f is spent, and the next answer may cost %.4f",
                            money.most(),
                            cost,
                            money.of(0, most)));
        }
        requests++;
        setAside += most;
        underWay++;
    }

    private boolean affords(int most) {
        return most <= mostTokens - tokens - setAside && cost + money.of(0, setAside + most) <= money.most();
    }

    /** After a try that brought no answer. @param most as when it began */
    synchronized void end(int most) {
        setAside -= most;
        underWay--;
        notifyAll();
    }

    /** After a try that was answered. @param most as when it began */
    synchronized void end(int most, ChatAnswer answer) {
        tokens += answer.tokens();
        cost += money.of(answer.promptTokens(), answer.completionTokens());
        end(most);
        if (ledger != null) {
            ledger.add(answer);
        }
    }

    /** Tries that went out, and answers of earlier starts. */
    public synchronized long requests() {
        return requests;
    }

    /** Tokens of the answers that came. */
    public synchronized long tokens() {
        return tokens;
    }

    /** What they cost. */
    public synchronized double cost() {
        return cost;
    }
}
