package ai.consilium.monitor.state;

import ai.consilium.monitor.watchdog.Alarm;
import ai.consilium.platform.run.EventLabels;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.RunEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run as it stood at one moment; {@code /api/picture} in JSON. Numbers that nothing is known about yet are null.
 *
 * @param runId name of the run
 * @param atMs epoch milliseconds of the snapshot
 * @param sentence the state of the run in one sentence
 * @param phase adaptation, reinforcement, merging, finished, or what the run itself called it
 * @param simulated whether the cases are simulated
 * @param edition of the training cases that the run draws on; null where its log does not say it
 * @param finished whether the run said that it is over
 * @param reading whether the monitor is still reading what was on the log when it started
 * @param steps updates that each specialty is to reach; 0 where there is no end
 * @param elapsedMs since the first record, up to the end of the run
 * @param leftMs estimate until the last specialty has its steps
 * @param tokens sampled so far
 * @param tokensPerSecond sampled lately
 * @param books of the whole run
 * @param flow from stage to stage
 * @param specialties in configuration order
 * @param unified the merged agent, once there is one
 * @param agents what the merger made, newest first
 * @param scorers by name
 * @param stalls newest first
 * @param events newest first
 * @param charts revision of {@link ChartData}
 * @param alarms what the watchdog sees, the worst first
 */
public record RunSnapshot(
        String runId,
        long atMs,
        String sentence,
        String phase,
        boolean simulated,
        @Nullable Edition edition,
        boolean finished,
        boolean reading,
        int steps,
        @Nullable Long elapsedMs,
        @Nullable Long leftMs,
        long tokens,
        double tokensPerSecond,
        Books books,
        RunFlow flow,
        List<Specialty> specialties,
        @Nullable Unified unified,
        List<Agent> agents,
        List<Scorer> scorers,
        List<Event> stalls,
        List<Event> events,
        long charts,
        List<Alarm> alarms) {
    private static final String COUNT = "\\d{1,9}";

    /**
     * Training cases, to which more may come with a round.
     *
     * @param cases how many
     * @param round since which the run draws on them, from 1
     * @param refused why nothing was taken in when the last round began; null otherwise
     */
    public record Edition(int cases, int round, @Nullable String refused) {
        /** By the labels of an event; empty where it says nothing of this. */
        static Optional<Edition> of(Map<String, String> labels) {
            String cases = labels.getOrDefault(EventLabels.EDITION_CASES, "");
            String round = labels.getOrDefault(EventLabels.EDITION_ROUND, "");
            return cases.matches(COUNT) && round.matches(COUNT)
                    ? Optional.of(new Edition(
                            Integer.parseInt(cases), Integer.parseInt(round), labels.get(EventLabels.EDITION_REFUSED)))
                    : Optional.empty();
        }
    }

    /** The same with what the watchdog sees. */
    public RunSnapshot withAlarms(List<Alarm> seen) {
        return new RunSnapshot(
                runId,
                atMs,
                sentence,
                phase,
                simulated,
                edition,
                finished,
                reading,
                steps,
                elapsedMs,
                leftMs,
                tokens,
                tokensPerSecond,
                books,
                flow,
                specialties,
                unified,
                agents,
                scorers,
                stalls,
                events,
                charts,
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
     * @param figures of its newest version, those that are drawn
     * @param adaptation how far its supervised start is; null before its first sign, and after it
     * @param validation how its newest examined version did on the validation cases
     */
    public record Specialty(
            String name,
            String phase,
            @Nullable Long version,
            long trajectories,
            long tokens,
            double tokensPerSecond,
            Books books,
            Map<String, Double> figures,
            @Nullable Adaptation adaptation,
            @Nullable Examined validation) {}

    /**
     * A supervised start.
     *
     * @param step that was taken last, of so many
     * @param loss of that step; null where it is not finite
     */
    public record Adaptation(
            long step, long steps, @Nullable Double loss) {
        /** A loss that is not finite is no number in JSON. */
        public Adaptation {
            loss = loss == null || !Double.isFinite(loss) ? null : loss;
        }
    }

    /**
     * One version on the validation cases.
     *
     * @param accuracy share of them that it answers right
     * @param cases that were examined so far
     */
    public record Examined(long version, double accuracy, int cases) {}

    /**
     * What the merger made.
     *
     * @param kind merge or distillation
     * @param agent whether the gate let it through, or a round ends with it
     * @param figures of it, those of the merge and of validation
     */
    public record Agent(long version, String kind, int round, boolean agent, long atMs, Map<String, Double> figures) {}

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

    /**
     * Something that a role said.
     *
     * @param offset of its record
     */
    public record Event(long offset, long atMs, String kind, String role, String instance, String message) {
        /** Figures and progress come with every step and stand on the page already. */
        public static boolean shown(RunEvent event) {
            return event.getKind() != EventKind.FIGURES && event.getKind() != EventKind.PROGRESS;
        }

        /** What a record says. */
        public static Event of(RunEvent event, long offset) {
            return new Event(
                    offset,
                    event.getCreatedMs(),
                    event.getKind().name(),
                    event.getRole(),
                    event.getInstance(),
                    event.getMessage());
        }
    }
}
