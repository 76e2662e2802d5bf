package ai.consilium.reward;

/** A trajectory that cannot be scored at all; it goes to the dead letters with the message as the reason. */
final class Unscorable extends Exception {
    private static final long serialVersionUID = 1L;

    Unscorable(String reason) {
        super(reason);
    }

    Unscorable(String reason, Throwable cause) {
        super(reason, cause);
    }

    /** Why. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
