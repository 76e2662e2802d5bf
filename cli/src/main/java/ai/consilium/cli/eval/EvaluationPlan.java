package ai.consilium.cli.eval;

import ai.consilium.cases.format.Case;
import ai.consilium.cli.report.Results;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.platform.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Who answers what. Pure.
 *
 * @param rows of the table
 * @param batches what is sampled together, in the order of the rows
 */
record EvaluationPlan(List<Row> rows, List<Batch> batches) {
    /**
     * A row of the table: a policy that is asked under one perspective.
     *
     * @param name the policy's, with the perspective where there are several
     * @param policy one adapter for all specialties, or one for each
     * @param adapters name by specialty
     */
    record Row(String name, String policy, String perspective, Map<String, String> adapters) {}

    /**
     * Cases of one file and specialty that an adapter answers in one batch.
     *
     * @param adapter name
     * @param perspective whose instruction it is given
     */
    record Batch(String adapter, String perspective, String file, List<Case> cases) {}

    /**
     * Plans.
     *
     * @param adapters names
     * @param routed whether adapters named ROW/SPECIALTY answer their own specialty only, together as one row
     * @param perspectives under each of which everything is asked
     * @throws UsageException when such a row lacks a specialty of the cases, or names another
     */
    static EvaluationPlan of(
            List<String> adapters, EvaluationCases cases, boolean routed, List<String> perspectives, int samples) {
        List<String> specialties = cases.specialties();
        List<Policy> policies = routed
                ? routed(adapters, specialties)
                : adapters.stream().map(name -> everywhere(name, specialties)).toList();
        List<Row> rows = new ArrayList<>();
        List<Batch> batches = new ArrayList<>();
        for (Policy policy : policies) {
            for (String perspective : perspectives) {
                String name = perspectives.size() == 1 ? policy.name() : policy.name() + "@" + perspective;
                rows.add(new Row(name, policy.name(), perspective, policy.adapters()));
                policy.adapters()
                        .forEach((specialty, adapter) -> cases.files().forEach((file, of) -> {
                            List<Case> own = Results.ofSpecialty(of.cases(), specialty);
                            Evaluator.batches(own, samples)
                                    .forEach(batch -> batches.add(new Batch(adapter, perspective, file, batch)));
                        }));
            }
        }
        return new EvaluationPlan(rows, batches);
    }

    /** @param adapters name by specialty */
    private record Policy(String name, Map<String, String> adapters) {}

    private static Policy everywhere(String adapter, List<String> specialties) {
        return new Policy(adapter, bySpecialty(specialties, specialty -> adapter));
    }

    private static List<Policy> routed(List<String> adapters, List<String> specialties) {
        Map<String, List<String>> experts = new LinkedHashMap<>();
        for (String adapter : adapters) {
            int slash = adapter.indexOf('/');
            String row = slash < 0 ? adapter : adapter.substring(0, slash);
            experts.computeIfAbsent(row, name -> new ArrayList<>()).add(adapter);
            if (slash >= 0 && !specialties.contains(adapter.substring(slash + 1))) {
                throw new UsageException("--routed: " + adapter + ": no case of specialty "
                        + adapter.substring(slash + 1) + "; the cases have " + String.join(", ", specialties));
            }
        }
        if (adapters.stream().noneMatch(adapter -> adapter.contains("/"))) {
            throw new UsageException(
                    "--routed: no adapter is named ROW/SPECIALTY, for example rl/" + specialties.get(0));
        }
        return experts.entrySet().stream()
                .map(entry -> policy(entry.getKey(), entry.getValue(), specialties))
                .toList();
    }

    private static Policy policy(String name, List<String> adapters, List<String> specialties) {
        if (adapters.contains(name)) {
            if (adapters.size() > 1) {
                throw new UsageException("--routed: row " + name + " is an adapter for all cases and one of experts");
            }
            return everywhere(name, specialties);
        }
        return new Policy(name, bySpecialty(specialties, specialty -> {
            String expert = name + "/" + specialty;
            if (!adapters.contains(expert)) {
                throw new UsageException("--routed: row " + name + " has no adapter " + expert
                        + ", but there are cases of that specialty");
            }
            return expert;
        }));
    }

    private static Map<String, String> bySpecialty(List<String> specialties, Function<String, String> adapter) {
        return specialties.stream()
                .collect(Collectors.toMap(Function.identity(), adapter, (one, other) -> one, LinkedHashMap::new));
    }
}
