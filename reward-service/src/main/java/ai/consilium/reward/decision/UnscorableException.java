package ai.consilium.reward.decision;

/** A trajectory that cannot be scored at all; it goes to the dead letters with the message as the reason. */
public final class UnscorableException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnscorableException(String reason) {
        super(reason);
    }

    public UnscorableException(String reason, Throwable cause) {
        super(reason, cause);
    }

    /** Why. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
