package ai.consilium.reward.decision;

import ai.consilium.reward.lane.ScorerLanes;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.plugin.PluginScorer;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.schemas.Component;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The scorers of one plan, ready to score. Thread-safe. */
public final class ScorerPanel {
    private final List<Seat> seats;
    private final Set<String> trained;
    private final Set<String> shadows;

    private ScorerPanel(List<Seat> seats) {
        this.seats = seats;
        this.trained = guidelines(seats, true);
        this.shadows = guidelines(seats, false);
    }

    /** Builds a plan's scorers, those apart that score by themselves. */
    public static ScorerPanel of(ScoringDefinition plan, ScorerType.Resources resources, ScorerLanes lanes) {
        return new ScorerPanel(plan.scorers().stream()
                .filter(definition -> !definition.how().external())
                .map(definition -> seat(definition, resources, lanes))
                .toList());
    }

    /** A plug-in has threads of its own as a service has, so that nobody waits for it who does not need it. */
    private static Seat seat(ScorerDefinition definition, ScorerType.Resources resources, ScorerLanes lanes) {
        Scorer scorer = definition.scorer(resources);
        boolean aside = scorer.remote() || scorer instanceof PluginScorer;
        return new Seat(scorer, definition.required(), definition.shadow(), aside ? lanes.of(scorer) : null);
    }

    /** Names of the guidelines that enter advantages. */
    public Set<String> trained() {
        return trained;
    }

    /** Names of the guidelines that are reported only. */
    public Set<String> shadows() {
        return shadows;
    }

    private static Set<String> guidelines(List<Seat> seats, boolean needed) {
        return seats.stream()
                .filter(seat -> seat.scorer().component() == Component.GUIDELINE && seat.needed() == needed)
                .map(seat -> seat.scorer().name())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** How many scorers score trajectories of a perspective. */
    int applying(String perspective) {
        return (int) seats.stream()
                .filter(seat -> seat.scorer().appliesTo(perspective))
                .count();
    }

    /**
     * Asks every scorer that applies to a trajectory's perspective: remote ones in their lanes, the others at once.
     *
     * @param listener told of the scores, perhaps before this returns
     */
    public PendingScores begin(ScoringRequest request, PendingScores.Listener listener) {
        List<Seat> applying = seats.stream()
                .filter(seat -> seat.scorer().appliesTo(request.perspective()))
                .toList();
        PendingScores pending = new PendingScores(applying, listener);
        for (int i = 0; i < applying.size(); i++) {
            int seat = i;
            applying.get(i).ask(request, score -> pending.put(seat, score));
        }
        pending.asked();
        return pending;
    }
}
