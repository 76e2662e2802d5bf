package ai.consilium.reward.rubric;

import ai.consilium.cases.format.Case;
import ai.consilium.reward.rubric.language.Lexicon;
import ai.consilium.reward.scorer.Verdict;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A guideline as weighted criteria: s = Σ w_j c_j / Σ_{w_j>0} w_j, clipped to [0, 1] (HealthBench's form; Rubrics as
 * Rewards, 2507.17746). Criteria that a case gives nothing to check by leave both sums.
 *
 * @param name for example analytical
 * @param perspective the perspective whose trajectories it is for; null for all
 * @param reads absent: words
 * @param terms for sentences: other words for those of the case's evidence
 * @param criteria at least one with a positive weight
 */
public record Rubric(
        String name,
        @Nullable String perspective,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Reads reads,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Lexicon terms,

        List<Criterion> criteria) {
    private static final Case.Evidence NO_EVIDENCE = new Case.Evidence(List.of(), "", null, List.of());

    /** What a reasoning is taken for. */
    public enum Reads {
        /** Words in the order of the case's evidence. */
        WORDS,
        /** Natural text. */
        SENTENCES
    }

    public Rubric {
        if (terms != null && reads != Reads.SENTENCES) {
            throw new IllegalArgumentException("terms: only a rubric with 'reads: sentences' has them");
        }
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("name: a rubric needs one");
        }
        criteria = criteria == null ? List.of() : List.copyOf(criteria);
        if (criteria.stream().noneMatch(criterion -> criterion.weight() > 0)) {
            throw new IllegalArgumentException("criteria: at least one with a positive weight is needed");
        }
    }

    /** With what its criteria name in files taken in. @param files text of a file by its name */
    Rubric resolved(UnaryOperator<String> files) {
        return new Rubric(
                name,
                perspective,
                reads,
                terms,
                criteria.stream().map(criterion -> criterion.resolved(files)).toList());
    }

    /** What only a judge can check, in order. */
    public List<JudgedCriterion> judged() {
        return criteria.stream()
                .filter(JudgedCriterion.class::isInstance)
                .map(JudgedCriterion.class::cast)
                .toList();
    }

    /** Scores a reasoning against the case's evidence. */
    public Verdict score(Case about, String completion) {
        if (about.evidence() == null) {
            return new Verdict.Unscored("case carries no evidence");
        }
        return score(about, completion, Map.of());
    }

    /**
     * Scores a completion by the case's evidence and by what a judge said; without evidence, criteria that need some leave the
     * rubric.
     *
     * @param judgements of every one that is {@link #judged}
     */
    public Verdict score(Case about, String completion, Map<JudgedCriterion, CriterionVerdict> judgements) {
        Case.Evidence evidence = Objects.requireNonNullElse(about.evidence(), NO_EVIDENCE);
        Reading reading = reads == Reads.SENTENCES
                ? new NaturalReasoning(completion, terms == null ? Lexicon.USUAL : terms, evidence)
                : NormalizedReasoning.of(completion);
        double sum = 0;
        double positive = 0;
        List<String> notes = new ArrayList<>();
        for (Criterion criterion : criteria) {
            Optional<Criterion.Check> check = criterion instanceof JudgedCriterion judged
                    ? Optional.of(check(judged, judgements))
                    : criterion.check(reading, evidence);
            if (check.isEmpty()) {
                continue;
            }
            sum += criterion.weight() * check.get().met();
            positive += Math.max(0, criterion.weight());
            notes.add(check.get().note());
        }
        if (positive == 0) {
            return new Verdict.Unscored("no criterion of rubric " + name + " applies to the case");
        }
        return new Verdict.Scored(Math.max(0, Math.min(1, sum / positive)), notes);
    }

    private static Criterion.Check check(JudgedCriterion criterion, Map<JudgedCriterion, CriterionVerdict> judgements) {
        CriterionVerdict judgement = judgements.get(criterion);
        if (judgement == null) {
            throw new IllegalArgumentException("no judge was asked about '" + criterion.label() + "'");
        }
        return new Criterion.Check(
                judgement.met(), criterion.label() + ": " + judgement.answer() + ": " + judgement.explanation());
    }
}
