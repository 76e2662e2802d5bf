package ai.consilium.reward.dmn;

/** A decision model that cannot be used; the message says where and why. */
public final class DecisionException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    DecisionException(String message) {
        super(message);
    }

    DecisionException(String message, Throwable cause) {
        super(message, cause);
    }
}
