package ai.consilium.schemas;

/** What a version of {@link Topics#UNIFIED} is: the start of the experts, their merge, a step on the way, or the agent itself. */
public final class UnifiedAgent {
    private UnifiedAgent() {}

    /** Whether it is what all experts of a run start from. */
    public static boolean isStart(PolicyUpdate update) {
        return update.getSpecialty().equals(Topics.UNIFIED) && update.getVersion() == 0;
    }

    /** Whether it is the merged experts, which consolidation goes on from. */
    public static boolean isMergedStart(PolicyUpdate update) {
        return update.getKind() == UpdateKind.MERGE && !update.getFinalVersion();
    }

    /** Whether the gate let it through: the newest of these is the agent. */
    public static boolean isAgent(PolicyUpdate update) {
        return update.getKind() == UpdateKind.MERGE && update.getFinalVersion();
    }

    /** Whether no other round follows the one that it ends, because the run was told to stop. */
    public static boolean endsRun(PolicyUpdate update) {
        return isAgent(update) && update.getEndsRun();
    }
}
