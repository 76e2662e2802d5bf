package ai.consilium.rollout.engine.vllm;

/**
 * What a server has sampled since its last reply, as far as its own counter tells, so that a long completion is no stall.
 * Others who use the server count as well. Thread-safe.
 */
final class TokensUnderWay {
    private long counted;
    private long atReply;
    private int requests;

    /** The server's counter of generated tokens stands there. It begins anew when the server does. */
    synchronized void counted(long tokens) {
        counted = tokens;
        atReply = Math.min(atReply, tokens);
    }

    /** A request begins; the first of several marks where the counter stands. */
    synchronized void began() {
        if (requests++ == 0) {
            atReply = counted;
        }
    }

    /** A request has ended. */
    synchronized void ended() {
        requests--;
        atReply = counted;
    }

    synchronized long tokens() {
        return requests == 0 ? 0 : counted - atReply;
    }
}
