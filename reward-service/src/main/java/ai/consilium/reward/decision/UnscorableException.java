package ai.consilium.reward.decision;

/** A trajectory that cannot be scored at all; it goes to the dead letters with the message as the reason. */
final class UnscorableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnscorableException(String reason) {
        super(reason);
    }

    UnscorableException(String reason, Throwable cause) {
        super(reason, cause);
    }

    /** Why. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
