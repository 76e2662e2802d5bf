package ai.consilium.advantage.group;

import ai.consilium.estimators.Estimator;
import ai.consilium.estimators.NanStatistics;
import ai.consilium.estimators.Observation;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a scoring configuration means for a group: which scorers it waits for, how their scores become the three
 * components, and the estimator.
 *
 * @param config the configuration as it was published
 * @param estimator that it names
 */
public record GroupScoringRule(ScoringConfig config, Estimator estimator) {

    /**
     * Reads a configuration.
     *
     * @throws IllegalArgumentException when no group could be scored by it, with the reason
     */
    public static GroupScoringRule of(ScoringConfig config) {
        if (config.getScorers().stream().noneMatch(s -> s.getRequired() && !s.getShadow())) {
            throw new IllegalArgumentException("it has no required scorer");
        }
        return new GroupScoringRule(config, Estimator.named(config.getEstimator(), config.getParameters()));
    }

    /**
     * Whether scores are only such as came after what waited for them: for people, and for no group.
     */
    public static boolean late(Scores scores) {
        return !scores.getScores().isEmpty() && scores.getScores().stream().allMatch(Score::getLate);
    }

    /** What keeps scores from counting by this configuration, in words; null when nothing does. */
    public @Nullable String problem(Scores scores) {
        for (Score score : scores.getScores()) {
            String name = score.getScorer();
            Optional<ScorerRef> scorer = scorer(name);
            if (scorer.isEmpty()) {
                String known =
                        config.getScorers().stream().map(ScorerRef::getName).collect(Collectors.joining(", "));
                return "scorer '" + name + "' is not one of " + known + ", which its scoring configuration names";
            }
            if (!scorer.get().getExternal() && !scorer.get().getVersion().equals(score.getScorerVersion())) {
                return "scorer '" + name + "' has version '" + score.getScorerVersion()
                        + "', its scoring configuration names " + scorer.get().getVersion()
                        + ": only a reward service scores by it";
            }
            if (score.getValue() == null && score.getUnscoredReason() == null) {
                return "scorer '" + name + "' gave neither a value nor a reason";
            }
        }
        return null;
    }

    /** Whether somebody else's process had a part in it. */
    public boolean external(Scores scores) {
        return scores.getScores().stream()
                .anyMatch(score ->
                        scorer(score.getScorer()).map(ScorerRef::getExternal).orElse(false));
    }

    /** Names of the processes of somebody else that groups wait for. */
    public Set<String> awaitedProcesses() {
        return config.getScorers().stream()
                .filter(scorer -> scorer.getExternal() && scorer.getRequired() && !scorer.getShadow())
                .map(ScorerRef::getName)
                .collect(Collectors.toSet());
    }

    /**
     * Whether a group may have waited for one of the scores.
     *
     * @param components whose scorers it waits for
     */
    public boolean awaits(Scores scores, Set<Component> components) {
        return scores.getScores().stream()
                .anyMatch(score -> scorer(score.getScorer())
                        .map(scorer -> scorer.getRequired()
                                && !scorer.getShadow()
                                && components.contains(scorer.getComponent()))
                        .orElse(true));
    }

    private Optional<ScorerRef> scorer(String name) {
        return config.getScorers().stream()
                .filter(scorer -> scorer.getName().equals(name))
                .findFirst();
    }

    /**
     * Whether every scorer that a trajectory of this perspective waits for has spoken; shadows are never waited for. A perspective
     * that waits for nobody has its scores once they are on the log.
     *
     * @param components whose scorers are waited for
     */
    boolean satisfied(String perspective, @Nullable Scores scores, Set<Component> components) {
        return scores != null
                && counting(perspective).stream()
                        .filter(scorer -> scorer.getRequired() && components.contains(scorer.getComponent()))
                        .allMatch(scorer -> verdict(scorer, scores).isPresent());
    }

    /** The components of a trajectory; the mean where several scorers feed one, NaN where none gave a value. */
    Observation observe(String perspective, @Nullable Scores scores) {
        return new Observation(
                perspective,
                component(Component.ACCURACY, perspective, scores),
                component(Component.FORMAT, perspective, scores),
                component(Component.GUIDELINE, perspective, scores));
    }

    /** Of those that are waited for: of others it would be chance whether their scores are there in time. */
    private double component(Component component, String perspective, @Nullable Scores scores) {
        return NanStatistics.mean(counting(perspective).stream()
                .filter(scorer -> scorer.getRequired() && scorer.getComponent() == component)
                .mapToDouble(
                        scorer -> verdict(scorer, scores).map(Score::getValue).orElse(Double.NaN))
                .toArray());
    }

    private List<ScorerRef> counting(String perspective) {
        return config.getScorers().stream()
                .filter(s -> !s.getShadow())
                .filter(s -> s.getPerspective() == null || s.getPerspective().equals(perspective))
                .toList();
    }

    /** What a scorer said first: a value, or why there is none. */
    private static Optional<Score> verdict(ScorerRef scorer, @Nullable Scores scores) {
        if (scores == null) {
            return Optional.empty();
        }
        return scores.getScores().stream()
                .filter(s -> s.getScorer().equals(scorer.getName()) && !s.getLate())
                .filter(s -> s.getValue() != null || s.getUnscoredReason() != null)
                .findFirst();
    }
}
