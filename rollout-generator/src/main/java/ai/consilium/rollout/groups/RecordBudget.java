package ai.consilium.rollout.groups;

/**
 * How large the records of a group can become. A TrainingGroup holds every sample of its group, so it is the largest
 * record of a run; one that the broker refuses would stop the advantage stream in the middle of a run.
 */
public final class RecordBudget {
    /** Kafka's usual limit of 1 MiB for a record, less headroom for key, headers and batch. */
    public static final int RECORD_BYTES = (1 << 20) - (64 << 10);

    /** Avro writes an id below 2^27 in at most 4 bytes, and a float in 4. */
    private static final int BYTES_PER_TOKEN = 4 + Float.BYTES;

    /** Names, hashes, parts of the advantage and a dozen spans: an adapter is swapped now and then, not at every token. */
    private static final int BYTES_PER_MEMBER = 2 << 10;

    private static final int BYTES_PER_GROUP = 4 << 10;

    /** Upper bound of a TrainingGroup in bytes. */
    public static long largestTrainingGroup(int groupSize, int maxCompletionTokens) {
        return BYTES_PER_GROUP + groupSize * (BYTES_PER_MEMBER + (long) BYTES_PER_TOKEN * maxCompletionTokens);
    }

    private RecordBudget() {}
}
