package ai.consilium.platform.chat;

import ai.consilium.platform.chat.ChatException.Kind;

/**
 * How much may be asked. What a request may at most answer is set aside while it is under way, so that the limit on tokens is
 * passed by no more than the prompts of the requests under way, which only the server can count. Thread-safe.
 */
public final class ChatBudget {
    private final long mostRequests;
    private final long mostTokens;
    private long requests;
    private long tokens;
    private long setAside;
    private int underWay;

    /**
     * Of a start.
     *
     * @param mostRequests tries that go out
     * @param mostTokens of prompts and answers, as servers count them
     */
    public ChatBudget(long mostRequests, long mostTokens) {
        this.mostRequests = mostRequests;
        this.mostTokens = mostTokens;
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
        while (underWay > 0 && requests < mostRequests && most > mostTokens - tokens - setAside) {
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
        requests++;
        setAside += most;
        underWay++;
    }

    /** After it. @param used tokens; 0 for a try without a reply */
    synchronized void end(int most, long used) {
        setAside -= most;
        tokens += used;
        underWay--;
        notifyAll();
    }

    /** Tries that went out. */
    public synchronized long requests() {
        return requests;
    }

    /** Tokens of the answers that came. */
    public synchronized long tokens() {
        return tokens;
    }
}
