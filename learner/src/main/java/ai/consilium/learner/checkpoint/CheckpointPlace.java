package ai.consilium.learner.checkpoint;

/** Where all checkpoints of a run lie. */
public interface CheckpointPlace {
    /**
     * A part of it for each policy and round.
     *
     * @param round from 0
     */
    CheckpointStorage of(String policy, int round);

    /** Whether other learners of the run have it too, so that one can take over from another. */
    boolean shared();

    /** Name of a policy's round in a place: the first round has that of the policy. */
    static String name(String policy, int round) {
        return round == 0 ? policy : policy + "/round-" + (round + 1);
    }
}
