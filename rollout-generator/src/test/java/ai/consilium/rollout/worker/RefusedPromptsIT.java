package ai.consilium.rollout.worker;

import static ai.consilium.rollout.worker.RolloutRig.CHILDREN;
import static ai.consilium.rollout.worker.RolloutRig.MEMBERS;
import static ai.consilium.rollout.worker.RolloutRig.samplesOf;
import static ai.consilium.rollout.worker.RolloutRig.trajectories;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What workers do not sample: each ends by name, and the others go on. */
class RefusedPromptsIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @WithKafka
    private static EmbeddedCluster cluster;

    @RegisterExtension
    static final RolloutRig rig = new RolloutRig();

    @Test
    void givenPromptsThatCannotBeUsedWhenTakenThenTheirGroupsAreRejectedAndTheOthersAreSampled() {
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = rig.policy.adapter(1);
        Prompt noSuchCase = Prompt.newBuilder(rig.prompt(CHILDREN, 1))
                .setCaseRef(new CaseRef("train.jsonl", rig.cases.sha256(), "nobody"))
                .build();
        Prompt noSuchPerspective = Prompt.newBuilder(rig.prompt(CHILDREN, 2))
                .setMembers(List.of("none", "astrological"))
                .build();
        Prompt late =
                Prompt.newBuilder(rig.prompt(CHILDREN, 4)).setDeadlineMs(1).build();
        try (RolloutService workers = rig.workers(run, 1);
                RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, expert, expert.hash());
            List<Prompt> prompts =
                    List.of(late, rig.prompt(CHILDREN, 0), noSuchCase, noSuchPerspective, rig.prompt(CHILDREN, 3));
            prompts.forEach(prompt -> log.write(Topics.PROMPTS, prompt.getGroupId(), prompt));
            workers.start();

            await().atMost(SOON).until(() -> trajectories(log).size() == 2 * MEMBERS.size());
            await().atMost(SOON)
                    .until(() ->
                            log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class).size() == 2);

            assertThat(log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class))
                    .allSatisfy(outcome -> assertThat(outcome.getOutcome()).isEqualTo(Outcome.REJECTED))
                    .extracting(GroupOutcome::getGroupId)
                    .containsExactlyInAnyOrder("pediatrics-1", "pediatrics-2");
            assertThat(log.read(Topics.DEAD_LETTERS, DeadLetter.class))
                    .extracting(DeadLetter::getReason)
                    .anySatisfy(reason -> assertThat(reason).contains("nobody"))
                    .anySatisfy(reason -> assertThat(reason).contains("astrological"))
                    .hasSize(2);
            assertThat(samplesOf(log, late)).isEmpty();
        }
    }

    @Test
    void givenTensorsThatAreNotWhatTheUpdatePromisesWhenPromptedThenNothingIsSampled() {
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = rig.policy.adapter(1);
        try (RolloutService workers = rig.workers(run, 2);
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.publish(CHILDREN, 0, expert, rig.policy.adapter(2).hash());
            log.write(Topics.PROMPTS, "g0", rig.prompt(CHILDREN, 0));

            await().atMost(SOON)
                    .until(() -> workers.threads().stream()
                                    .filter(ServiceThread::ended)
                                    .count()
                            >= 2);
            assertThat(workers.threads())
                    .filteredOn(ServiceThread::ended)
                    .allSatisfy(thread -> assertThat(thread.failure())
                            .hasValueSatisfying(
                                    failure -> assertThat(failure).hasMessageContaining("its policy update names")));
            assertThat(trajectories(log)).isEmpty();
        }
    }

    @Test
    void givenPurposesWhenTakenThenValidationMayBeGreedyAndWhatDoesNotFitIsRejectedByName() {
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = rig.policy.adapter(1);
        Prompt greedy = Prompt.newBuilder(rig.prompt(CHILDREN, 0))
                .setMembers(List.of("none", "none"))
                .setSampling(new Sampling(0.0, 8))
                .setPolicy(CHILDREN)
                .setPurpose(Purpose.VALIDATION)
                .setRound(3)
                .build();
        Prompt greedyTraining = Prompt.newBuilder(rig.prompt(CHILDREN, 1))
                .setSampling(new Sampling(0.0, 8))
                .build();
        Prompt unknown =
                Prompt.newBuilder(rig.prompt(CHILDREN, 2)).setPurpose("guess").build();
        try (RolloutService workers = rig.workers(run, 1);
                RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, expert, expert.hash());
            List.of(greedyTraining, unknown, greedy)
                    .forEach(prompt -> log.write(Topics.PROMPTS, prompt.getGroupId(), prompt));
            workers.start();

            await().atMost(SOON).until(() -> trajectories(log).size() == 2);
            List<Trajectory> samples = samplesOf(log, greedy);
            assertThat(samples.get(0).getTokens())
                    .isNotEmpty()
                    .isEqualTo(samples.get(1).getTokens());
            assertThat(samples).allSatisfy(sample -> {
                assertThat(sample.getTemperature()).isZero();
                assertThat(sample.getPolicy()).isEqualTo(CHILDREN);
                assertThat(sample.getPurpose()).isEqualTo(Purpose.VALIDATION);
                assertThat(sample.getRound()).isEqualTo(3);
            });
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class))
                            .allSatisfy(
                                    outcome -> assertThat(outcome.getOutcome()).isEqualTo(Outcome.REJECTED))
                            .extracting(GroupOutcome::getReason)
                            .containsExactlyInAnyOrder(
                                    "temperature 0 is for purpose validation only, not rl",
                                    "purpose 'guess' is none of rl, distill, distill_rewarded, validation"));
            assertThat(log.read(Topics.DEAD_LETTERS, DeadLetter.class)).hasSize(2);
        }
    }

    @Test
    void givenAnEngineThatAnswersOnlySomeOfAGroupWhenPromptedThenItsWorkerEndsByName() {
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = rig.policy.adapter(1);
        InferenceEngine terse = new ForwardingEngine(rig.engine()) {
            @Override
            public CompletableFuture<List<Completion>> sample(String policy, Prepared group, Sampling settings) {
                return super.sample(policy, group, settings).thenApply(all -> all.subList(0, 1));
            }
        };
        try (RolloutService workers = new RolloutService(
                        run, RolloutConfigs.local(1), rig.library, PromptLayouts.canonical(), terse);
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.publish(CHILDREN, 0, expert, expert.hash());
            log.write(Topics.PROMPTS, "g0", rig.prompt(CHILDREN, 0));

            assertThat(failureOfTheWorker(workers))
                    .hasValueSatisfying(
                            failure -> assertThat(failure).hasMessageContaining("the engine answered 1 of the"));
            assertThat(log.read(Topics.TRAJECTORIES, Trajectory.class)).isEmpty();
        }
    }

    @Test
    void givenAWorkerWithOtherCasesWhenPromptedThenItEndsByNameAndRejectsNothing(@TempDir Path other) {
        Clinic.write(other, new ClinicSettings(4, .3, 6, 0, 0));
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = rig.policy.adapter(1);
        CaseLibrary library = new CaseLibrary(other);
        try (RolloutService workers = new RolloutService(
                        run,
                        RolloutConfigs.local(1),
                        library,
                        PromptLayouts.canonical(),
                        rig.engine(rig.encoder(library)));
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.publish(CHILDREN, 0, expert, expert.hash());
            log.write(Topics.PROMPTS, "g0", rig.prompt(CHILDREN, 0));

            assertThat(failureOfTheWorker(workers))
                    .hasValueSatisfying(failure -> assertThat(failure)
                            .isInstanceOf(UsageException.class)
                            .hasMessageContaining("data_root: "));
            assertThat(log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class)).isEmpty();
        }
    }

    private static Optional<Throwable> failureOfTheWorker(RolloutService workers) {
        ServiceThread worker = workers.threads().get(1);
        await().atMost(SOON).until(worker::ended);
        return worker.failure();
    }
}
