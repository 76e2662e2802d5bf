package ai.consilium.rollout.worker;

import static ai.consilium.rollout.worker.RolloutRig.ADULTS;
import static ai.consilium.rollout.worker.RolloutRig.CHILDREN;
import static ai.consilium.rollout.worker.RolloutRig.MEMBERS;
import static ai.consilium.rollout.worker.RolloutRig.samplesOf;
import static ai.consilium.rollout.worker.RolloutRig.trajectories;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.format.Case;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real workers, real model, real log. */
class RolloutIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @WithKafka
    private static EmbeddedCluster cluster;

    @RegisterExtension
    static final RolloutRig rig = new RolloutRig();

    @Test
    void givenTwoSpecialtiesWhenSampledThenEveryTrajectoryIsWhatItsExpertSamplesAlone() throws Exception {
        RunContext run = cluster.run(CHILDREN, ADULTS);
        Map<String, Adapter> experts = Map.of(CHILDREN, rig.policy.adapter(1), ADULTS, rig.policy.adapter(2));
        try (RolloutService workers = rig.workers(run, 2);
                RolloutLog log = new RolloutLog(run)) {
            experts.forEach((specialty, expert) -> log.publish(specialty, 0, expert, expert.hash()));
            List<Prompt> prompts = new ArrayList<>();
            for (int n = 0; n < 6; n++) {
                prompts.add(rig.prompt(CHILDREN, n));
                prompts.add(rig.prompt(ADULTS, n));
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
    void givenMergedExpertsWhenTheirAgentIsToBeTaughtThenItSamplesItselfAndTheSharedStartNever() {
        RunContext run = cluster.run(CHILDREN);
        Adapter shared = rig.policy.adapter(1);
        Adapter merged = rig.policy.adapter(2);
        try (RolloutService workers = rig.workers(run, 1);
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.publish(Topics.UNIFIED, 0, shared, shared.hash());
            log.publish(Topics.UNIFIED, 1, UpdateKind.MERGE, merged, merged.hash());
            Prompt prompt = Prompt.newBuilder(rig.prompt(CHILDREN, 0))
                    .setPolicy(Topics.UNIFIED)
                    .setPurpose(Purpose.DISTILL)
                    .build();
            log.write(Topics.PROMPTS, prompt.getGroupId(), prompt);
            await().atMost(SOON).until(() -> trajectories(log).size() == MEMBERS.size());

            assertThat(samplesOf(log, prompt)).allSatisfy(t -> {
                assertThat(t.getPolicy()).isEqualTo(Topics.UNIFIED);
                assertThat(t.getPurpose()).isEqualTo(Purpose.DISTILL);
                assertThat(t.getSpans())
                        .containsExactly(new Span(0, t.getTokens().size(), 1L, merged.hash()));
            });
        }
    }

    @Test
    void givenExaminationsOfSeveralVersionsWhenTheNewestIsAnotherThenEachIsAnsweredByTheVersionThatItIsOf() {
        RunContext run = cluster.run(CHILDREN);
        List<Adapter> versions = List.of(rig.policy.adapter(1), rig.policy.adapter(2), rig.policy.adapter(3));
        try (RolloutService workers = rig.workers(run, 2);
                RolloutLog log = new RolloutLog(run)) {
            for (int version = 0; version < versions.size(); version++) {
                log.publish(
                        CHILDREN,
                        version,
                        versions.get(version),
                        versions.get(version).hash());
            }
            workers.start();
            List<Prompt> prompts = new ArrayList<>();
            for (int n = 0; n < 12; n++) {
                Prompt prompt = Prompt.newBuilder(rig.prompt(CHILDREN, n % 6))
                        .setGroupId(CHILDREN + "@" + n % 2 + "-" + n)
                        .setMembers(List.of("none"))
                        .setPurpose(Purpose.VALIDATION)
                        .setSampling(new Sampling(0.0, 8))
                        .setAdmittedAtVersion(n % 2)
                        .build();
                prompts.add(prompt);
                log.write(Topics.PROMPTS, prompt.getGroupId(), prompt);
            }
            log.write(Topics.PROMPTS, "trained", rig.prompt(CHILDREN, 0));
            await().atMost(SOON).until(() -> trajectories(log).size() == prompts.size() + MEMBERS.size());

            for (Prompt prompt : prompts) {
                long version = prompt.getAdmittedAtVersion();
                assertThat(samplesOf(log, prompt)).singleElement().satisfies(t -> {
                    assertThat(t.getPurpose()).isEqualTo(Purpose.VALIDATION);
                    assertThat(t.getTemperature()).isZero();
                    assertThat(t.getSpans())
                            .containsExactly(new Span(
                                    0,
                                    t.getTokens().size(),
                                    version,
                                    versions.get((int) version).hash()));
                });
            }
            // The same case by the same version, greedily: the same answer.
            assertThat(samplesOf(log, prompts.get(0)).get(0).getTokens())
                    .isEqualTo(samplesOf(log, prompts.get(6)).get(0).getTokens());
            assertThat(samplesOf(log, rig.prompt(CHILDREN, 0)))
                    .allSatisfy(t -> assertThat(t.getSpans())
                            .containsExactly(new Span(
                                    0, t.getTokens().size(), 2L, versions.get(2).hash())));
        }
    }

    @Test
    void givenANewVersionWhenItIsPublishedThenTheNextGroupsAreSampledWithIt() {
        RunContext run = cluster.run(CHILDREN);
        Adapter older = rig.policy.adapter(1);
        Adapter newer = rig.policy.adapter(2);
        try (RolloutService workers = rig.workers(run, 1);
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.publish(CHILDREN, 0, older, older.hash());
            log.write(Topics.PROMPTS, "g0", rig.prompt(CHILDREN, 0));
            await().atMost(SOON).until(() -> trajectories(log).size() == MEMBERS.size());
            log.publish(CHILDREN, 1, newer, newer.hash());
            await().atMost(SOON).until(() -> adaptersThread(workers).quietMs() < 500);
            log.write(Topics.PROMPTS, "g1", rig.prompt(CHILDREN, 1));
            await().atMost(SOON).until(() -> trajectories(log).size() == 2 * MEMBERS.size());

            assertThat(samplesOf(log, rig.prompt(CHILDREN, 0)))
                    .allSatisfy(t -> assertThat(t.getSpans())
                            .containsExactly(new Span(0, t.getTokens().size(), 0L, older.hash())));
            assertThat(samplesOf(log, rig.prompt(CHILDREN, 1)))
                    .allSatisfy(t -> assertThat(t.getSpans())
                            .containsExactly(new Span(0, t.getTokens().size(), 1L, newer.hash())));
        }
    }

    @Test
    void givenANewVersionWhileGroupsAreSampledThenTheyGoOnWithItAndTheirSpansSaySo() {
        RunContext run = cluster.run(CHILDREN);
        List<Adapter> versions = new ArrayList<>();
        try (RolloutService workers = rig.workers(run, 2);
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            // How long a group takes is the machine's affair: versions and groups follow one another until one meets
            // the other.
            await().pollInterval(Duration.ofMillis(20)).atMost(SOON).until(() -> {
                Adapter next = rig.policy.adapter(versions.size() + 1L);
                log.publish(CHILDREN, versions.size(), next, next.hash());
                versions.add(next);
                Prompt prompt = Prompt.newBuilder(rig.prompt(CHILDREN, versions.size() % 6))
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

    private static void assertSampledAsAlone(Prompt prompt, Adapter expert, List<Trajectory> samples)
            throws InterruptedException {
        Case shown = rig.cases.find(prompt.getCaseRef().getId()).orElseThrow();
        List<PromptEncoder.Encoded> encoded = prompt.getMembers().stream()
                .map(perspective -> rig.encoder.encode("train.jsonl", shown, perspective))
                .toList();
        Sampler.Group group = new Sampler.Group(
                encoded.get(0).prefix(),
                encoded.stream().map(PromptEncoder.Encoded::instruction).toList(),
                prompt.getGroupSeed());
        List<Sampler.Completion> alone = rig.policy
                .sampler()
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
            assertThat(sample.getText()).isEqualTo(rig.encoder.text(alone.get(i).tokens()));
            assertThat(sample.getPromptHash()).isEqualTo(encoded.get(i).hash());
            assertThat(sample.getLogprobs()).hasSameSizeAs(sample.getTokens());
            assertThat(sample.getDeliveryCount()).isEqualTo(1);
            assertThat(sample.getSpans())
                    .containsExactly(new Span(0, sample.getTokens().size(), 0L, expert.hash()));
        }
    }

    private static ServiceThread adaptersThread(RolloutService workers) {
        return workers.threads().get(0);
    }
}
