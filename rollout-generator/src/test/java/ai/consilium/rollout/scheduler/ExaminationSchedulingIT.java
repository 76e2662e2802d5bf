package ai.consilium.rollout.scheduler;

import static ai.consilium.rollout.scheduler.SchedulerRig.ADULTS;
import static ai.consilium.rollout.scheduler.SchedulerRig.BATCH;
import static ai.consilium.rollout.scheduler.SchedulerRig.CHILDREN;
import static ai.consilium.rollout.scheduler.SchedulerRig.SOON;
import static ai.consilium.rollout.scheduler.SchedulerRig.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Examinations while training: prompts beside those of training, in books of their own. */
class ExaminationSchedulingIT {
    private static final int CASES = 3;
    private static final ValidationPlan EVERY_OTHER = new ValidationPlan(2, CASES, List.of());

    @WithKafka
    private static EmbeddedCluster cluster;

    @RegisterExtension
    static final SchedulerRig rig = new SchedulerRig();

    @Test
    void givenAnIntervalWhenVersionsComeThenEachThatIsDueIsAskedTheSameCasesAndTheRunEndsWhenAllAreAnswered() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService scheduler = rig.scheduler(run, EVERY_OTHER);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            log.publish(CHILDREN, 0, false, List.of());
            awaitExamined(log, 0);
            assertThat(prompts(log, Purpose.RL)).hasSize(2 * BATCH);
            log.publish(CHILDREN, 1, false, ids(CHILDREN, 0));
            log.publish(CHILDREN, 2, false, ids(CHILDREN, BATCH));
            awaitExamined(log, 0, 2);
            log.publish(CHILDREN, 3, true, ids(CHILDREN, 2L * BATCH));
            awaitExamined(log, 0, 2, 3);

            assertThat(prompts(log, Purpose.VALIDATION)).allSatisfy(prompt -> {
                assertThat(prompt.getMembers()).containsExactly("none");
                assertThat(prompt.getSampling().getTemperature()).isZero();
                assertThat(prompt.getCaseRef().getFile()).isEqualTo(CaseLibrary.VALIDATION_FILE);
                assertThat(prompt.getScoringConfigHash()).isEqualTo("scoring-hash");
            });
            Map<Long, List<String>> asked = prompts(log, Purpose.VALIDATION).stream()
                    .collect(Collectors.groupingBy(
                            Prompt::getAdmittedAtVersion,
                            Collectors.collectingAndThen(
                                    Collectors.toList(),
                                    of -> of.stream()
                                            .map(prompt -> prompt.getCaseRef().getId())
                                            .sorted()
                                            .toList())));
            assertThat(asked.get(0L)).doesNotHaveDuplicates().isEqualTo(asked.get(2L));
            assertThat(asked.get(0L)).isEqualTo(asked.get(3L));

            answer(log, 0, 1, 0, 0);
            answer(log, 2, 1, 1, 0);
            assertThat(scheduler.finished()).isFalse();
            answer(log, 3, 1, 1);
            log.end(CHILDREN + "@3-2", CHILDREN, Outcome.ABANDONED);
            await().atMost(SOON).until(scheduler::finished);
            assertThat(scheduler.threads().get(0).failure()).isEmpty();
            assertThat(shown(run, MetricNames.VALIDATION_VERSION, "none")).isEqualTo(3);
            assertThat(shown(run, MetricNames.VALIDATION_ACCURACY, "none")).isEqualTo(1);
        }
    }

    @Test
    void givenPerspectivesThenEachCaseIsAskedUnderEachAndTheVersionIsExaminedWhenAllHaveEnded() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService scheduler =
                        rig.scheduler(run, new ValidationPlan(2, CASES, List.of("bayesian", "intuitive")));
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            log.publish(CHILDREN, 0, false, List.of());
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(prompts(log, Purpose.VALIDATION)).hasSize(3 * CASES));

            Map<String, Set<String>> asked = prompts(log, Purpose.VALIDATION).stream()
                    .collect(Collectors.groupingBy(
                            prompt -> String.join("+", prompt.getMembers()),
                            Collectors.mapping(prompt -> prompt.getCaseRef().getId(), Collectors.toSet())));
            assertThat(asked).containsOnlyKeys("none", "bayesian", "intuitive");
            assertThat(Set.copyOf(asked.values())).hasSize(1);

            answer(log, 0, 1, 0, 0);
            OutcomeFactory outcomes = new OutcomeFactory("test");
            for (int place = 0; place < CASES; place++) {
                for (String perspective : List.of("bayesian", "intuitive")) {
                    String id = CHILDREN + "@0-" + place + "-" + perspective;
                    double right = perspective.equals("bayesian") ? 1 : 0;
                    log.write(Topics.GROUP_OUTCOMES, id, outcomes.examined(id, CHILDREN, 0, right, 1));
                }
            }
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(shown(run, MetricNames.VALIDATION_ACCURACY, "none")).isEqualTo(1 / 3.);
                assertThat(shown(run, MetricNames.VALIDATION_ACCURACY, "bayesian"))
                        .isEqualTo(1);
            });
        }
    }

    @Test
    void givenASchedulerThatComesBackThenItPutsOnlyTheQuestionsThatAreMissing() {
        RunContext run = cluster.run(CHILDREN, ADULTS);
        try (RolloutLog log = new RolloutLog(run)) {
            try (SchedulerService first = rig.scheduler(run, EVERY_OTHER)) {
                first.start();
                log.publish(CHILDREN, 0, false, List.of());
                awaitExamined(log, 0);
            }
            answer(log, 0, 1, 1, 1);
            log.publish(CHILDREN, 1, false, ids(CHILDREN, 0));
            log.publish(CHILDREN, 2, false, ids(CHILDREN, BATCH));
            try (SchedulerService second = rig.scheduler(run, EVERY_OTHER)) {
                second.start();
                awaitExamined(log, 0, 2);
                assertThat(prompts(log, Purpose.VALIDATION))
                        .extracting(Prompt::getGroupId)
                        .doesNotHaveDuplicates()
                        .hasSize(2 * CASES);
            }
        }
    }

    @Test
    void givenNoValidationCaseOfASpecialtyWhenMadeThenItIsRefusedByName(@TempDir Path data) {
        Clinic.write(data, new ClinicSettings(3, .3, 5, 0, 0));
        RunContext run = cluster.run(CHILDREN);

        assertThatThrownBy(() -> new SchedulerService(
                        run,
                        SchedulerRig.CONFIG,
                        ConsolidationPlan.NONE,
                        EVERY_OTHER,
                        1,
                        new CaseLibrary(data),
                        SchedulerRig.SCORING))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("eval.interval: ")
                .hasMessageContaining("val.jsonl has no case of specialty pediatrics");
    }

    private static void awaitExamined(RolloutLog log, long... versions) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(prompts(log, Purpose.VALIDATION))
                        .hasSize(versions.length * CASES)
                        .extracting(Prompt::getAdmittedAtVersion)
                        .contains(java.util.Arrays.stream(versions).boxed().toArray(Long[]::new)));
    }

    private static List<Prompt> prompts(RolloutLog log, String purpose) {
        return log.prompts(CHILDREN).stream()
                .filter(prompt -> prompt.getPurpose().equals(purpose))
                .toList();
    }

    private static void answer(RolloutLog log, long version, double... right) {
        OutcomeFactory outcomes = new OutcomeFactory("test");
        for (int place = 0; place < right.length; place++) {
            String id = CHILDREN + "@" + version + "-" + place;
            log.write(Topics.GROUP_OUTCOMES, id, outcomes.examined(id, CHILDREN, version, right[place], 1));
        }
    }

    private static double shown(RunContext run, String gauge, String perspective) {
        return run.metrics()
                .get(gauge)
                .tags("specialty", CHILDREN, "perspective", perspective)
                .gauge()
                .value();
    }
}
