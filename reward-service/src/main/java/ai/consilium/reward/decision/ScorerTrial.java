package ai.consilium.reward.decision;

import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.lane.ScorerLanes;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.PictureReader;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.schemas.Score;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Scores outside of a run, by all scorers of a plan as a reward service would, but nobody waits for one that is down. */
public final class ScorerTrial implements AutoCloseable {
    private final ScoringDefinition plan;
    private final ScorerLanes lanes;
    private final ScorerPanel panel;

    /**
     * Of a plan.
     *
     * @param config of this process; the plan may be another's
     * @param pictures how judges are shown the images of cases
     */
    public ScorerTrial(ScoringDefinition plan, RewardConfig config, PictureReader pictures) {
        this.plan = plan;
        this.lanes = new ScorerLanes(config.impatient(), new SimpleMeterRegistry());
        this.panel = ScorerPanel.of(plan, ScorerType.Resources.of(config.http(), null, pictures), lanes);
    }

    /** The scores of all scorers that apply, in the plan's order. */
    public List<Score> score(ScoringRequest request) throws InterruptedException {
        BlockingQueue<Score> told = new LinkedBlockingQueue<>();
        panel.begin(request, new PendingScores.Listener() {
            @Override
            public void decided(List<Score> scores) {
                told.addAll(scores);
            }

            @Override
            public void late(Score score) {
                told.add(score);
            }
        });
        List<Score> scores = new ArrayList<>();
        for (int left = panel.applying(request.perspective()); left > 0; left--) {
            scores.add(told.take());
        }
        List<String> order = plan.scorers().stream().map(ScorerDefinition::name).toList();
        scores.sort(Comparator.comparingInt(score -> order.indexOf(score.getScorer())));
        return scores;
    }

    @Override
    public void close() {
        lanes.close();
    }
}
