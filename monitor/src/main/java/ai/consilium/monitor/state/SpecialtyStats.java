package ai.consilium.monitor.state;

import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.run.Phases;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Trajectory;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is known of one specialty. */
final class SpecialtyStats {
    private final String name;
    private final GroupCounts books = new GroupCounts();
    private final PolicyCharts charts;
    private final Examinations examinations = new Examinations();
    private final RateWindow rate = new RateWindow();
    private long trajectories;
    private @Nullable PolicyUpdate first;
    private @Nullable PolicyUpdate newest;
    private RunSnapshot.@Nullable Adaptation adaptation;

    SpecialtyStats(String name) {
        this.name = name;
        this.charts = new PolicyCharts(name);
    }

    void begun(String groupId) {
        books.begun(groupId);
    }

    void sampled(Trajectory trajectory) {
        trajectories++;
        rate.add(trajectory.getCreatedMs(), trajectory.getTokens().size());
    }

    /** @return whether it is the group's first outcome */
    boolean ended(GroupOutcome outcome) {
        examinations.add(outcome);
        return books.ended(outcome);
    }

    boolean hasEnded(String groupId) {
        return books.hasEnded(groupId);
    }

    /** @return whether it is a new version */
    boolean updated(PolicyUpdate update) {
        if (newest != null && update.getVersion() <= newest.getVersion()) {
            return false;
        }
        if (first == null) {
            first = update;
        }
        newest = update;
        charts.update(update);
        return true;
    }

    /** How far its supervised start is. */
    void adapting(Map<String, Double> figures) {
        adaptation = new RunSnapshot.Adaptation(
                figures.getOrDefault("step", 0.).longValue(),
                figures.getOrDefault("steps", 0.).longValue(),
                figures.get("loss"));
    }

    boolean adapted() {
        return newest != null;
    }

    boolean isFinal() {
        return newest != null && newest.getFinalVersion();
    }

    /** Estimate until the last step, in milliseconds; null while there is nothing to estimate by. */
    @Nullable
    Long leftMs(int steps, long nowMs) {
        if (isFinal()) {
            return 0L;
        }
        if (first == null || newest == null || newest.getVersion() <= first.getVersion()) {
            return null;
        }
        double perStep =
                (double) (newest.getCreatedMs() - first.getCreatedMs()) / (newest.getVersion() - first.getVersion());
        // A step that is overdue is about to come; those after it still take their time.
        double intoNext = Math.min((double) (nowMs - newest.getCreatedMs()), perStep);
        return Math.max(0, Math.round(perStep * (steps - newest.getVersion()) - intoNext));
    }

    RunSnapshot.Specialty snapshot(long nowMs) {
        String phase = isFinal() ? Phases.FINAL : adapted() ? Phases.REINFORCEMENT : Phases.ADAPTATION;
        return new RunSnapshot.Specialty(
                name,
                phase,
                newest == null ? null : newest.getVersion(),
                trajectories,
                rate.total(),
                rate.perSecond(nowMs),
                books.books(),
                newest == null ? Map.of() : drawn(newest.getFigures()),
                newest == null ? adaptation : null,
                examined());
    }

    private RunSnapshot.@Nullable Examined examined() {
        return examinations.versions(name).descendingMap().entrySet().stream()
                .filter(version -> version.getValue().examined() > 0)
                .findFirst()
                .map(version -> new RunSnapshot.Examined(
                        version.getKey(),
                        version.getValue().accuracy(),
                        version.getValue().examined()))
                .orElse(null);
    }

    private static Map<String, Double> drawn(Map<String, Double> figures) {
        Map<String, Double> drawn = new TreeMap<>(figures);
        drawn.keySet().retainAll(PolicyCharts.DRAWN);
        drawn.values().removeIf(value -> !Double.isFinite(value));
        return drawn;
    }

    ChartData.Policy charts() {
        return charts.data(examinations);
    }
}
