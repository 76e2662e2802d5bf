package ai.consilium.rollout.engine.vllm;

/** A server did not do what it was asked. The message says what happened, for people. */
final class ServerException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whose fault it may be. */
    enum Kind {
        /** It cannot be reached, or is overloaded or broken: what else it says may be right. */
        OUTAGE,
        /** What it says is wrong: nothing of it is used. */
        WRONG,
        /** It does not take this request, or reads its prompt otherwise; the next server may, or none. */
        REFUSED
    }

    private final Kind kind;

    ServerException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    static ServerException outage(String message) {
        return new ServerException(Kind.OUTAGE, message);
    }

    static ServerException wrong(String message) {
        return new ServerException(Kind.WRONG, message);
    }

    static ServerException refused(String message) {
        return new ServerException(Kind.REFUSED, message);
    }
}
