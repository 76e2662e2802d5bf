package ai.consilium.rollout.scheduler;

import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.schemas.Topics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How fast prompts of a policy may come.
 *
 * @param plan how far it is trained, in which batches
 * @param drops whether sampling is kept busy, and what is too old is dropped
 * @param mostOpen groups that may be open at once: a batch for each version that training may be behind, and the next
 * @param ahead groups that may be opened before the batch that they are for is the next
 */
public record Pace(TrainingPlan plan, boolean drops, long mostOpen, long ahead) {
    /** Of each specialty, and behind them of the unified agent where experts are made one by consolidation. */
    static Map<String, Pace> of(List<String> specialties, SchedulerConfig config, ConsolidationPlan consolidation) {
        Map<String, Pace> paces = new LinkedHashMap<>();
        Pace reinforcement = new Pace(
                config.plan(),
                config.staleness().drops(),
                config.mostUnderWay(),
                ahead(config.plan(), config.staleness().lead()));
        specialties.forEach(specialty -> paces.put(specialty, reinforcement));
        if (consolidation.wanted()) {
            TrainingPlan plan = consolidation.pace(config.plan().seed());
            // Old samples teach as well, since their divergence is exact at any age; but the younger, the better: what
            // is taken
            // is bounded by max_off_policy_steps, and what is begun by a share of one batch, so that little ends as
            // stale.
            long ahead = (long) Math.ceil(config.staleness().lead() * plan.batchSize());
            paces.put(Topics.UNIFIED, new Pace(plan, false, ahead + plan.batchSize(), ahead));
        }
        return paces;
    }

    private static long ahead(TrainingPlan plan, double lead) {
        return (long) Math.ceil(lead * plan.maxOffPolicySteps() * plan.batchSize());
    }
}
