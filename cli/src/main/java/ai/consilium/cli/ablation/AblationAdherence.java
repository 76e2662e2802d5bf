package ai.consilium.cli.ablation;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.eval.EvaluationCases;
import ai.consilium.cli.eval.EvaluationRun;
import ai.consilium.cli.eval.NamedAdapter;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.report.Adherence;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.reward.rubric.Rubric;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How well the right answers of each row keep to guidelines: the held-out cases, asked greedily under each guideline's
 * perspective, as {@code consilium eval} does.
 *
 * @param guidelines at least one
 */
record AblationAdherence(AblationPlan plan, List<Rubric> guidelines) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /** Asks a unit that is done, unless it has been asked. @param line null shows no progress */
    void examine(AblationUnit unit, @Nullable ProgressLine line) throws IOException, InterruptedException {
        ConsiliumConfig config = unit.settings().config();
        AblationUnit run = plan.run(unit);
        Path root = DataSet.root(config, run.directory());
        ModelDirectory model = new PreflightChecks(config).modelDirectory();
        new EvaluationRun(
                        config,
                        ConfigBase.of(run.directory()).orElseGet(run::directory),
                        EvaluationCases.read(List.of(root.resolve(CaseLibrary.TEST_FILE)), null),
                        NamedAdapter.read(adapters(unit), run.directory(), model),
                        new EvaluationRun.Sampling(
                                new Evaluator.Sampling(1, 0, 1),
                                config.scheduler().sampling().maxCompletionTokens(),
                                unit.row().kind() == AblationRow.Kind.EXPERTS,
                                perspectives()),
                        guidelines)
                .run(directory(unit), model, line);
    }

    private static List<String> adapters(AblationUnit unit) {
        return switch (unit.row().kind()) {
            case EXPERTS ->
                unit.settings().config().specialties().stream()
                        .map(specialty -> "rl/" + specialty)
                        .toList();
            case CONSOLIDATED -> List.of("unified");
            case MERGE -> List.of("unified=" + unit.directory().resolve("agent"));
        };
    }

    private List<String> perspectives() {
        return guidelines.stream()
                .map(rubric -> Objects.requireNonNullElse(rubric.perspective(), Perspective.NONE))
                .distinct()
                .toList();
    }

    private Path directory(AblationUnit unit) {
        return plan.out()
                .resolve("adherence")
                .resolve(Objects.requireNonNull(unit.directory().getFileName()).toString());
    }

    /** Of the rows that have been asked; null when none has. */
    @Nullable
    Adherence read() throws IOException {
        Map<String, SortedMap<Long, Adherence.Scores>> rows = new LinkedHashMap<>();
        for (AblationUnit unit : plan.units()) {
            Path file = directory(unit).resolve(EvaluationRun.ADHERENCE);
            if (Files.isRegularFile(file)) {
                Map<String, Adherence.Scores> policies = JSON.readValue(
                        file.toFile(),
                        JSON.getTypeFactory()
                                .constructMapType(LinkedHashMap.class, String.class, Adherence.Scores.class));
                rows.computeIfAbsent(unit.row().name(), row -> new TreeMap<>())
                        .put(unit.seed(), policies.values().iterator().next());
            }
        }
        return rows.isEmpty()
                ? null
                : Adherence.of(guidelines.stream().map(Rubric::name).toList(), rows);
    }
}
