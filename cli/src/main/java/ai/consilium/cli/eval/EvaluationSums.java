package ai.consilium.cli.eval;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cli.report.Adherence;
import ai.consilium.cli.report.CaseTally;
import ai.consilium.cli.report.Results;
import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.scorer.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Predictions, summed up by row and by guideline. All that the plan asks is answered. */
record EvaluationSums(EvaluationPlan plan, EvaluationCases cases, PredictionFile predictions) {
    /** By row, then specialty: one a case. */
    Map<String, Map<String, List<CaseTally>>> tallies() {
        Map<String, Map<String, List<CaseTally>>> rows = new LinkedHashMap<>();
        for (EvaluationPlan.Row row : plan.rows()) {
            Map<String, List<CaseTally>> bySpecialty = new LinkedHashMap<>();
            each(
                    row,
                    (file, asked, samples) -> bySpecialty
                            .computeIfAbsent(asked.specialty(), specialty -> new ArrayList<>())
                            .add(tally(asked, samples)));
            rows.put(row.name(), bySpecialty);
        }
        return rows;
    }

    /**
     * By policy: what its right answers score.
     *
     * @param guidelines each for the rows of its perspective, or for all
     * @param right how answers are found
     */
    Map<String, Adherence.Scores> adherence(List<Rubric> guidelines, Grading.Mode right) {
        Map<String, Map<String, SortedMap<String, Double>>> policies = new LinkedHashMap<>();
        for (EvaluationPlan.Row row : plan.rows()) {
            List<Rubric> own = guidelines.stream()
                    .filter(rubric ->
                            rubric.perspective() == null || rubric.perspective().equals(row.perspective()))
                    .toList();
            SortedMap<String, Double> scores = new TreeMap<>();
            each(
                    row,
                    (file, asked, samples) -> samples.stream()
                            .filter(sample -> asked.label().equals(sample.letter(right)))
                            .flatMap(sample -> own.stream().map(rubric -> rubric.score(asked, sample.completion())))
                            .filter(Verdict.Scored.class::isInstance)
                            .mapToDouble(verdict -> ((Verdict.Scored) verdict).value())
                            .average()
                            .ifPresent(score -> scores.put(file + "/" + asked.id(), score)));
            policies.computeIfAbsent(row.policy(), policy -> new LinkedHashMap<>())
                    .put(row.perspective(), scores);
        }
        Map<String, Adherence.Scores> adherence = new LinkedHashMap<>();
        policies.forEach((policy, byPerspective) -> adherence.put(policy, new Adherence.Scores(byPerspective)));
        return adherence;
    }

    private interface Samples {
        void of(String file, Case asked, List<Prediction> samples);
    }

    private void each(EvaluationPlan.Row row, Samples visit) {
        row.adapters().forEach((specialty, adapter) -> {
            for (Map.Entry<String, CaseFile> file : cases.files().entrySet()) {
                for (Case asked : Results.ofSpecialty(file.getValue().cases(), specialty)) {
                    visit.of(file.getKey(), asked, predictions.of(adapter, row.perspective(), file.getKey(), asked));
                }
            }
        });
    }

    private static CaseTally tally(Case asked, List<Prediction> samples) {
        return new CaseTally(
                Set.copyOf(asked.options().values()),
                asked.answer(),
                samples.size(),
                count(asked, samples, Grading.Mode.STRICT),
                count(asked, samples, Grading.Mode.LENIENT),
                count(asked, samples, Grading.Mode.COMPAT),
                number(samples, Prediction::truncated),
                samples.stream().mapToLong(Prediction::tokens).sum());
    }

    private static CaseTally.Count count(Case asked, List<Prediction> samples, Grading.Mode mode) {
        Map<String, Integer> given = new HashMap<>();
        samples.stream()
                .flatMap(sample -> Stream.ofNullable(sample.letter(mode)))
                .map(letter -> Objects.requireNonNull(asked.options().get(letter)))
                .forEach(answer -> given.merge(answer, 1, Integer::sum));
        return new CaseTally.Count(
                number(samples, sample -> sample.label().equals(sample.letter(mode))),
                number(samples, sample -> sample.letter(mode) == null),
                given);
    }

    private static int number(List<Prediction> samples, Predicate<Prediction> which) {
        return (int) samples.stream().filter(which).count();
    }
}
