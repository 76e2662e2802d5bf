package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.platform.run.ScoringOffers;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Simulated cases for all tests of a class, and a scheduler over them. */
@SuppressWarnings("NullAway.Init") // beforeAll fills the field
final class SchedulerRig implements BeforeAllCallback, AfterAllCallback {
    static final Duration SOON = Duration.ofSeconds(20);
    static final String CHILDREN = "pediatrics";
    static final String ADULTS = "adult_medicine";
    static final int BATCH = 3;
    static final int STEPS = 3;
    static final SchedulerConfig CONFIG = SchedulerConfigs.scheduler(BATCH, 1, STEPS);
    static final ScoringConfig SCORING =
            new ScoringConfig("scoring-hash", "gba", Map.of("lambda", .5), List.of(), "{}");

    private Path data;

    @Override
    public void beforeAll(ExtensionContext tests) throws IOException {
        data = Files.createTempDirectory("scheduler");
        Clinic.write(data, new ClinicSettings(3, .3, 5, 4, 0));
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        RunDirectory.delete(data);
    }

    Path data() {
        return data;
    }

    SchedulerService scheduler(RunContext run) {
        return scheduler(run, ValidationPlan.NONE);
    }

    SchedulerService scheduler(RunContext run, ValidationPlan validation) {
        return new SchedulerService(
                run, CONFIG, ConsolidationPlan.NONE, validation, 1, new CaseLibrary(data()), SCORING);
    }

    /** @param books where it keeps its books */
    SchedulerService scheduler(RunContext run, Optional<Path> books) {
        return new SchedulerService(
                run,
                CONFIG,
                ConsolidationPlan.NONE,
                ValidationPlan.NONE,
                1,
                new CaseLibrary(data()),
                SCORING,
                ScoringOffers.NONE,
                books);
    }

    static boolean started(SchedulerService scheduler) {
        ServiceThread thread = scheduler.threads().get(0);
        return thread.waitingFor().contains("first version");
    }

    static List<String> ids(String specialty, long from) {
        return LongStream.range(from, from + BATCH)
                .mapToObj(n -> specialty + "-" + n)
                .toList();
    }

    static void awaitPrompts(RolloutLog log, String specialty, long count) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(log.prompts(specialty)).hasSize((int) count));
    }

    static Map<Outcome, Long> outcomes(RolloutLog log) {
        return log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class).stream()
                .collect(Collectors.groupingBy(GroupOutcome::getOutcome, Collectors.counting()));
    }
}
