package ai.consilium.cli.scorers;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.PortablePictures;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.decision.ScorerTrial;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.schemas.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether scorers answer: each is asked about cases and the completion that their traces would give.
 *
 * @param layout puts the completion into words
 * @param config of this process
 */
public record ScorerCheck(PromptLayout layout, ConsiliumConfig config) {
    /** What one said. */
    public record Answer(
            String name, @Nullable Double score, @Nullable String unscored, double latencyMs) {}

    /** Scores as a reward service of a configuration would. */
    public static ScorerTrial trial(ScoringDefinition plan, ConsiliumConfig config) {
        return new ScorerTrial(
                plan, config.reward(), new PortablePictures(config.images().settings()));
    }

    /** Asks some of a plan's scorers about a case; not those that score by themselves. */
    public List<Answer> of(ScoringDefinition plan, Predicate<ScorerDefinition> which, Case about)
            throws InterruptedException {
        List<Answer> found = new ArrayList<>();
        try (ScorerTrial trial = trial(plan, config)) {
            for (ScorerDefinition scorer : plan.scorers()) {
                if (which.test(scorer) && !scorer.how().external()) {
                    ask(trial, scorer, about).stream()
                            .filter(score -> score.getScorer().equals(scorer.name()))
                            .forEach(score -> found.add(new Answer(
                                    score.getScorer(),
                                    score.getValue(),
                                    score.getUnscoredReason(),
                                    score.getLatencyMs())));
                }
            }
        }
        return found;
    }

    private List<Score> ask(ScorerTrial trial, ScorerDefinition scorer, Case about) throws InterruptedException {
        String perspective = scorer.perspective() == null ? "none" : scorer.perspective();
        String completion = layout.completion(about, perspective).text();
        return trial.score(new ScoringRequest("check", about, completion, perspective, false));
    }

    /**
     * A scorer of a plan gives one of the cases a score: a rubric may well have nothing to say of the others. One that scores by
     * itself cannot be asked.
     *
     * @throws UsageException with what it said of the first
     */
    public void requireAnswer(ScoringDefinition plan, ScorerDefinition scorer, List<Case> cases)
            throws InterruptedException {
        if (scorer.how().external()) {
            return;
        }
        String first = null;
        ScoringDefinition alone = plan.only(scorer);
        for (Case about : cases) {
            for (Answer answer : of(alone, one -> true, about)) {
                if (answer.score() != null) {
                    return;
                }
                first = first == null ? answer.unscored() : first;
            }
        }
        throw new UsageException("'" + scorer.name() + "' gives no score: " + first);
    }
}
