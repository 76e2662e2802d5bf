package ai.consilium.rollout.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.SamplingEngine;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.rollout.engine.LocalInferenceEngine;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.TinyPolicy;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real workers, real model, real log. */
class RolloutIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String CHILDREN = "pediatrics";
    private static final String ADULTS = "adult_medicine";
    private static final Sampling SAMPLING = new Sampling(1.0, 8);
    private static final List<String> MEMBERS = List.of("analytical", "analytical", "none", "none");

    private static Path data;
    private static Path modelDirectory;

    @WithKafka
    private static EmbeddedCluster cluster;

    private static TinyPolicy policy;
    private static CaseFile cases;
    private static PromptEncoder encoder;

    @BeforeAll
    static void prepare(@TempDir Path dataDirectory, @TempDir Path model) {
        data = dataDirectory;
        modelDirectory = model;
        Clinic.write(data, new ClinicSettings(3, .3, 6, 0, 0));
        policy = TinyPolicy.create(modelDirectory, 1);
        CaseLibrary library = new CaseLibrary(data);
        cases = library.file("train.jsonl");
        encoder = new PromptEncoder(policy.model().directory(), library, 1_000_000);
    }

    @AfterAll
    static void closePolicy() {
        policy.close();
    }

    @Test
    void givenTwoSpecialtiesWhenSampledThenEveryTrajectoryIsWhatItsExpertSamplesAlone() throws Exception {
        RunContext run = cluster.run(CHILDREN, ADULTS);
        Map<String, Adapter> experts = Map.of(CHILDREN, policy.adapter(1), ADULTS, policy.adapter(2));
        try (RolloutService workers = workers(run, 2);
                RolloutLog log = new RolloutLog(run)) {
            experts.forEach((specialty, expert) -> log.publish(specialty, 0, expert, expert.hash()));
            List<Prompt> prompts = new ArrayList<>();
            for (int n = 0; n < 6; n++) {
                prompts.add(prompt(CHILDREN, n));
                prompts.add(prompt(ADULTS, n));
            }
            prompts.forEach(prompt -> log.write(Topics.PROMPTS, prompt.getGroupId(), prompt));
            workers.start();

            await().atMost(SOON).until(() -> trajectories(log).size() == prompts.size() * MEMBERS.size());

            Map<String, Integer> partitions = log.records(Topics.PROMPTS, Prompt.class).stream()
                    .collect(Collectors.toMap(ConsumerRecord::key, ConsumerRecord::partition));
            for (ConsumerRecord<String, Trajectory> record : trajectories(log)) {
                assertThat(record.partition()).isEqualTo(partitions.get(record.key()));
            }
            for (Prompt prompt : prompts) {
                assertSampledAsAlone(
                        prompt, Objects.requireNonNull(experts.get(prompt.getSpecialty())), samplesOf(log, prompt));
            }
            assertThat(workers.threads()).noneMatch(ServiceThread::ended);
        }
    }

    @Test
    void givenANewVersionWhenItIsPublishedThenTheNextGroupsAreSampledWithIt() {
        RunContext run = cluster.run(CHILDREN);
        Adapter older = policy.adapter(1);
        Adapter newer = policy.adapter(2);
        try (RolloutService workers = workers(run, 1);
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.publish(CHILDREN, 0, older, older.hash());
            log.write(Topics.PROMPTS, "g0", prompt(CHILDREN, 0));
            await().atMost(SOON).until(() -> trajectories(log).size() == MEMBERS.size());
            log.publish(CHILDREN, 1, newer, newer.hash());
            await().atMost(SOON).until(() -> adaptersThread(workers).quietMs() < 500);
            log.write(Topics.PROMPTS, "g1", prompt(CHILDREN, 1));
            await().atMost(SOON).until(() -> trajectories(log).size() == 2 * MEMBERS.size());

            assertThat(samplesOf(log, prompt(CHILDREN, 0)))
                    .allSatisfy(t -> assertThat(t.getSpans())
                            .containsExactly(new Span(0, t.getTokens().size(), 0L, older.hash())));
            assertThat(samplesOf(log, prompt(CHILDREN, 1)))
                    .allSatisfy(t -> assertThat(t.getSpans())
                            .containsExactly(new Span(0, t.getTokens().size(), 1L, newer.hash())));
        }
    }

    @Test
    void givenANewVersionWhileGroupsAreSampledThenTheyGoOnWithItAndTheirSpansSaySo() {
        RunContext run = cluster.run(CHILDREN);
        List<Adapter> versions = new ArrayList<>();
        try (RolloutService workers = workers(run, 2);
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            // How long a group takes is the machine's affair: versions and groups follow one another until one meets
            // the other.
            await().pollInterval(Duration.ofMillis(20)).atMost(SOON).until(() -> {
                Adapter next = policy.adapter(versions.size() + 1L);
                log.publish(CHILDREN, versions.size(), next, next.hash());
                versions.add(next);
                Prompt prompt = Prompt.newBuilder(prompt(CHILDREN, versions.size() % 6))
                        .setGroupId("group-" + versions.size())
                        .setSampling(new Sampling(1.0, 1000))
                        .build();
                log.write(Topics.PROMPTS, prompt.getGroupId(), prompt);
                return trajectories(log).stream()
                        .anyMatch(record -> record.value().getSpans().size() > 1);
            });

            assertThat(trajectories(log)).allSatisfy(record -> {
                int next = 0;
                for (Span span : record.value().getSpans()) {
                    assertThat(span.getStart()).isEqualTo(next);
                    assertThat(span.getAdapterHash())
                            .isEqualTo(
                                    versions.get((int) span.getPolicyVersion()).hash());
                    next = span.getEnd();
                }
                assertThat(next).isEqualTo(record.value().getTokens().size());
            });
        }
    }

    @Test
    void givenPromptsThatCannotBeUsedWhenTakenThenTheirGroupsAreRejectedAndTheOthersAreSampled() {
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = policy.adapter(1);
        Prompt noSuchCase = Prompt.newBuilder(prompt(CHILDREN, 1))
                .setCaseRef(new CaseRef("train.jsonl", cases.sha256(), "nobody"))
                .build();
        Prompt noSuchPerspective = Prompt.newBuilder(prompt(CHILDREN, 2))
                .setMembers(List.of("none", "astrological"))
                .build();
        Prompt late = Prompt.newBuilder(prompt(CHILDREN, 4)).setDeadlineMs(1).build();
        try (RolloutService workers = workers(run, 1);
                RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, expert, expert.hash());
            List<Prompt> prompts =
                    List.of(late, prompt(CHILDREN, 0), noSuchCase, noSuchPerspective, prompt(CHILDREN, 3));
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
        Adapter expert = policy.adapter(1);
        try (RolloutService workers = workers(run, 2);
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.publish(CHILDREN, 0, expert, policy.adapter(2).hash());
            log.write(Topics.PROMPTS, "g0", prompt(CHILDREN, 0));

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
        Adapter expert = policy.adapter(1);
        Prompt greedy = Prompt.newBuilder(prompt(CHILDREN, 0))
                .setMembers(List.of("none", "none"))
                .setSampling(new Sampling(0.0, 8))
                .setPolicy(CHILDREN)
                .setPurpose(Purpose.VALIDATION)
                .setRound(3)
                .build();
        Prompt greedyTraining = Prompt.newBuilder(prompt(CHILDREN, 1))
                .setSampling(new Sampling(0.0, 8))
                .build();
        Prompt unknown =
                Prompt.newBuilder(prompt(CHILDREN, 2)).setPurpose("guess").build();
        try (RolloutService workers = workers(run, 1);
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
                                    "purpose 'guess' is none of rl, distill, validation"));
            assertThat(log.read(Topics.DEAD_LETTERS, DeadLetter.class)).hasSize(2);
        }
    }

    @Test
    void givenAWorkerWithOtherCasesWhenPromptedThenItEndsByNameAndRejectsNothing(@TempDir Path other) {
        Clinic.write(other, new ClinicSettings(4, .3, 6, 0, 0));
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = policy.adapter(1);
        CaseLibrary library = new CaseLibrary(other);
        try (RolloutService workers = new RolloutService(
                        run,
                        RolloutConfigs.local(1),
                        library,
                        engine(new PromptEncoder(policy.model().directory(), library, 1_000_000)));
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.publish(CHILDREN, 0, expert, expert.hash());
            log.write(Topics.PROMPTS, "g0", prompt(CHILDREN, 0));

            ServiceThread worker = workers.threads().get(1);
            await().atMost(SOON).until(worker::ended);
            assertThat(worker.failure())
                    .hasValueSatisfying(failure -> assertThat(failure)
                            .isInstanceOf(UsageException.class)
                            .hasMessageContaining("data_root: "));
            assertThat(log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class)).isEmpty();
        }
    }

    private static void assertSampledAsAlone(Prompt prompt, Adapter expert, List<Trajectory> samples)
            throws InterruptedException {
        Case shown = cases.find(prompt.getCaseRef().getId()).orElseThrow();
        List<PromptEncoder.Encoded> encoded = prompt.getMembers().stream()
                .map(perspective -> encoder.encode("train.jsonl", shown, perspective))
                .toList();
        Sampler.Group group = new Sampler.Group(
                encoded.get(0).prefix(),
                encoded.stream().map(PromptEncoder.Encoded::instruction).toList(),
                prompt.getGroupSeed());
        List<Sampler.Completion> alone = policy.sampler()
                .sample(expert, List.of(group), new Sampler.Settings(1, 8), Urgency.SAMPLE)
                .get(0);
        assertThat(samples).hasSize(alone.size());
        for (int i = 0; i < alone.size(); i++) {
            Trajectory sample = samples.get(i);
            assertThat(sample.getSampleIndex()).isEqualTo(i);
            assertThat(sample.getPerspective()).isEqualTo(MEMBERS.get(i));
            assertThat(sample.getTokens().stream().mapToInt(Integer::intValue))
                    .containsExactly(
                            Arrays.stream(alone.get(i).tokens()).boxed().toArray(Integer[]::new));
            assertThat(sample.getText()).isEqualTo(encoder.text(alone.get(i).tokens()));
            assertThat(sample.getPromptHash()).isEqualTo(encoded.get(i).hash());
            assertThat(sample.getLogprobs()).hasSameSizeAs(sample.getTokens());
            assertThat(sample.getDeliveryCount()).isEqualTo(1);
            assertThat(sample.getSpans())
                    .containsExactly(new Span(0, sample.getTokens().size(), 0L, expert.hash()));
        }
    }

    private static RolloutService workers(RunContext run, int workers) {
        return new RolloutService(run, RolloutConfigs.local(workers), new CaseLibrary(data), engine(encoder));
    }

    private static InferenceEngine engine(PromptEncoder encoder) {
        return new LocalInferenceEngine(
                encoder, policy.model(), policy.compute(), new SamplingEngine.Limits(160, 64L << 20));
    }

    private static ServiceThread adaptersThread(RolloutService workers) {
        return workers.threads().get(0);
    }

    private static Prompt prompt(String specialty, int n) {
        List<Case> own = cases.cases().stream()
                .filter(one -> one.specialty().equals(specialty))
                .toList();
        return Prompt.newBuilder(RunRecords.prompt(specialty + "-" + n, specialty))
                .setCaseRef(
                        new CaseRef("train.jsonl", cases.sha256(), own.get(n).id()))
                .setMembers(MEMBERS)
                .setSampling(SAMPLING)
                .setGroupSeed(100 + n)
                .build();
    }

    private static List<ConsumerRecord<String, Trajectory>> trajectories(RolloutLog log) {
        return log.records(Topics.TRAJECTORIES, Trajectory.class);
    }

    private static List<Trajectory> samplesOf(RolloutLog log, Prompt prompt) {
        return trajectories(log).stream()
                .map(ConsumerRecord::value)
                .filter(t -> t.getGroupId().equals(prompt.getGroupId()))
                .toList();
    }
}
