package ai.consilium.learner.publish;

/** Another learner of the same specialty has taken over; this one must not write any more. */
public final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FencedException(String specialty, Throwable cause) {
        super("another learner of " + specialty + " has taken over; this one stops", cause);
    }
}
