package ai.consilium.monitor.state;

import ai.consilium.monitor.watchdog.Alarm;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run as it stood at one moment; {@code /api/picture} in JSON. Numbers that nothing is known about yet are null.
 *
 * @param runId name of the run
 * @param atMs epoch milliseconds of the snapshot
 * @param phase adaptation, reinforcement, merging, finished, or what the run itself called it
 * @param simulated whether the cases are simulated
 * @param finished whether the run said that it is over
 * @param steps updates that each specialty is to reach
 * @param elapsedMs since the first record, up to the end of the run
 * @param leftMs estimate until the last specialty has its steps
 * @param tokens sampled so far
 * @param tokensPerSecond sampled lately
 * @param books of the whole run
 * @param specialties in configuration order
 * @param unified the merged agent, once there is one
 * @param scorers by name
 * @param stalls newest first
 * @param events newest first
 * @param alarms what the watchdog sees, the worst first
 */
public record RunSnapshot(
        String runId,
        long atMs,
        String phase,
        boolean simulated,
        boolean finished,
        int steps,
        @Nullable Long elapsedMs,
        @Nullable Long leftMs,
        long tokens,
        double tokensPerSecond,
        Books books,
        List<Specialty> specialties,
        @Nullable Unified unified,
        List<Scorer> scorers,
        List<Event> stalls,
        List<Event> events,
        List<Alarm> alarms) {
    /** The same with what the watchdog sees. */
    public RunSnapshot withAlarms(List<Alarm> seen) {
        return new RunSnapshot(
                runId,
                atMs,
                phase,
                simulated,
                finished,
                steps,
                elapsedMs,
                leftMs,
                tokens,
                tokensPerSecond,
                books,
                specialties,
                unified,
                scorers,
                stalls,
                events,
                seen);
    }

    /**
     * Whether every group is accounted for.
     *
     * @param prompts groups that were begun
     * @param outcomes groups by how they ended, all outcomes named
     * @param open groups that have not ended
     */
    public record Books(long prompts, Map<String, Long> outcomes, long open) {}

    /**
     * One specialty.
     *
     * @param phase adaptation, reinforcement or final
     * @param version newest policy version; null before version 0
     * @param trajectories sampled so far
     * @param history of its steps, oldest first; a long one is thinned by averaging neighbours
     * @param staleness of the newest step, largest in it
     * @param validation how its versions did on the validation cases, oldest first
     */
    public record Specialty(
            String name,
            String phase,
            @Nullable Long version,
            long trajectories,
            long tokens,
            double tokensPerSecond,
            @Nullable Double staleness,
            Books books,
            List<Step> history,
            List<Examined> validation) {}

    /**
     * One version on the validation cases.
     *
     * @param accuracy share of them that it answers right
     * @param cases that were examined so far
     */
    public record Examined(long version, double accuracy, int cases) {}

    /**
     * Means over the members that one update was trained on.
     *
     * @param version of the update; a mean where neighbours were averaged
     * @param staleness in versions, largest in the step
     */
    public record Step(
            double version,
            @Nullable Double accuracy,
            @Nullable Double format,
            @Nullable Double guideline,
            @Nullable Double staleness) {}

    /**
     * The merged agent.
     *
     * @param figures of its newest version
     * @param books its groups, of consolidation
     */
    public record Unified(long version, Map<String, Double> figures, Books books) {}

    /**
     * What a scorer did, redeliveries included.
     *
     * @param unscored how often it could not score
     * @param lastReason why, the last time
     */
    public record Scorer(
            String name,
            boolean shadow,
            long scored,
            long unscored,
            @Nullable Double mean,
            @Nullable Double latencyMs,
            @Nullable String lastReason) {}

    /** Something that a role said. */
    public record Event(long atMs, String kind, String role, String instance, String message) {}
}
