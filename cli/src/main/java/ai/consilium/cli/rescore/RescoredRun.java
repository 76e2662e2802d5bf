package ai.consilium.cli.rescore;

import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import java.util.Map;

/**
 * A run scored again, group by group.
 *
 * @param rescoring how the advantages would change
 * @param groups by id, in the order of their prompts; without those of which it cannot be told what counted
 * @param scores by trajectory id
 * @param configs what the groups are scored by now, by hash
 */
public record RescoredRun(
        Rescoring rescoring,
        Map<String, RescoredGroup> groups,
        Map<String, Scores> scores,
        Map<String, ScoringConfig> configs) {}
