package ai.consilium.platform.transaction;

/** Another process has taken over what this one wrote; this one must not write any more. */
public final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FencedException(String holder, String instance, Throwable cause) {
        super("another " + holder + " has taken over; this one (" + instance + ") stops", cause);
    }
}
