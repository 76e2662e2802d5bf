package ai.consilium.learner.checkpoint;

/** Another learner has written this version first: whoever holds the policy goes on from that checkpoint. */
public final class OvertakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OvertakenException(String location, long version) {
        super("another learner has written version " + version + " to " + location + " first");
    }
}
