package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.UpdateKind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A whole run whose experts are examined while they train: it keeps and merges the best of them. */
class ValidatedRunIT {
    private static final int STEPS = 4;
    private static final int INTERVAL = 3;
    private static final int CASES = 4;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenAnIntervalWhenTrainedThenEveryDueVersionIsExaminedAndOfEachExpertTheBestIsMerged() throws Exception {
        Path run = directory.resolve("validated");
        try (RunProcess train = SmallRun.train(
                directory,
                run,
                "--set",
                "steps=" + STEPS,
                "--set",
                "eval.interval=" + INTERVAL,
                "--set",
                "eval.cases=100",
                "--set",
                "eval.perspectives=[bayesian, intuitive]",
                "--set",
                "ckpt.keep_best=true")) {
            train.succeed();
        }

        Map<String, SortedMap<Long, Double>> curves = curves(run);
        assertThat(curves).containsOnlyKeys(SmallRun.SPECIALTIES);
        assertThat(curves.values()).allSatisfy(curve -> assertThat(curve).containsOnlyKeys(0L, 3L, 4L));
        PolicyUpdate merged = SmallRun.updates(run).stream()
                .filter(update -> update.getKind() == UpdateKind.MERGE)
                .findFirst()
                .orElseThrow();
        for (String specialty : SmallRun.SPECIALTIES) {
            SortedMap<Long, Double> curve = Objects.requireNonNull(curves.get(specialty));
            assertThat(merged.getParents().stream()
                            .filter(parent -> parent.getSpecialty().equals(specialty))
                            .map(Parent::getVersion))
                    .as("%s did %s", specialty, curve)
                    .containsExactly(best(curve));
        }
        JsonNode books = SmallRun.describe(run);
        SmallRun.assertBalanced(books, SmallRun.trained(STEPS, 2));
        assertThat(books.path("outcomes").path("examined").asInt())
                .isEqualTo(3 * 3 * CASES * SmallRun.SPECIALTIES.size());
    }

    /** Accuracy by version, by specialty, as {@code steps} tells it. */
    private static Map<String, SortedMap<Long, Double>> curves(Path run) throws IOException {
        CommandLineRun steps = CommandLineRun.of("steps", "--run-dir", run.toString(), "-o", "json");
        assertThat(steps.code()).as(String.join("\n", steps.errors())).isZero();
        Map<String, SortedMap<Long, Double>> curves = new HashMap<>();
        for (JsonNode step : new ObjectMapper().readTree(steps.text())) {
            JsonNode accuracy = step.path("figures").path("val/accuracy");
            if (accuracy.isNumber()) {
                assertThat(step.path("figures").path("val/cases").asInt()).isEqualTo(CASES);
                assertThat(step.path("figures").path("val/accuracy/bayesian").asDouble(-1))
                        .isBetween(0., 1.);
                assertThat(step.path("figures").path("val/accuracy/intuitive").asDouble(-1))
                        .isBetween(0., 1.);
                curves.computeIfAbsent(step.path("specialty").asText(), specialty -> new TreeMap<>())
                        .put(step.path("version").asLong(), accuracy.asDouble());
            }
        }
        return curves;
    }

    /** Of equal ones the later. */
    private static long best(SortedMap<Long, Double> curve) {
        long best = -1;
        double most = -1;
        for (Map.Entry<Long, Double> version : curve.entrySet()) {
            if (version.getValue() >= most) {
                best = version.getKey();
                most = version.getValue();
            }
        }
        return best;
    }
}
