package ai.consilium.rollout.worker;

import static ai.consilium.rollout.worker.RolloutRig.CHILDREN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who holds a prompt: given back, handed over, kept for as long as sampling takes. */
class HandoverIT {
    private static final Duration SOON = Duration.ofSeconds(25);
    private static final String LOCK = "share.record.lock.duration.ms";
    /** The least that a broker allows by default. */
    private static final Duration SHORT_LOCK = Duration.ofSeconds(15);

    @WithKafka
    private static EmbeddedCluster cluster;

    @RegisterExtension
    static final RolloutRig rig = new RolloutRig();

    @Test
    void givenNoExpertYetWhenPromptedThenThePromptGoesBackAndIsSampledLater() {
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = rig.policy.adapter(1);
        GatedEngine gated = new GatedEngine(new CountDownLatch(0));
        try (RolloutService workers = workers(run, gated, Duration.ofSeconds(1));
                RolloutLog log = new RolloutLog(run)) {
            workers.start();
            log.write(Topics.PROMPTS, "g0", prompt());
            await().atMost(SOON).until(() -> gated.prepared.get() >= 2);

            log.publish(CHILDREN, 0, expert, expert.hash());

            await().atMost(SOON).until(() -> trajectories(log).size() == 2);
            assertThat(trajectories(log))
                    .allSatisfy(t -> assertThat(t.getDeliveryCount()).isGreaterThanOrEqualTo(2));
        }
    }

    @Test
    void givenAWorkerThatIsStoppedWhileItSamplesWhenAnotherComesThenItGetsThePromptBeforeTheHoldRunsOut() {
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = rig.policy.adapter(1);
        GatedEngine stuck = new GatedEngine(new CountDownLatch(1));
        try (RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, expert, expert.hash());
            log.write(Topics.PROMPTS, "g0", prompt());
            try (RolloutService first = workers(run, stuck, Duration.ofSeconds(10))) {
                first.start();
                await().atMost(SOON).until(() -> stuck.sampling.get() == 1);
            }
            try (RolloutService second = workers(run, rig.engine(), Duration.ofSeconds(10))) {
                second.start();
                await().atMost(SOON).until(() -> trajectories(log).size() == 2);
                assertThat(trajectories(log))
                        .allSatisfy(t -> assertThat(t.getDeliveryCount()).isEqualTo(2));
            }
        }
    }

    @Test
    void givenSamplingThatOutlastsTheHoldWhenItIsRenewedThenNobodyElseSamplesThePrompt() throws Exception {
        RunContext run = cluster.run(CHILDREN);
        Adapter expert = rig.policy.adapter(1);
        shortenHold(run);
        CountDownLatch gate = new CountDownLatch(1);
        GatedEngine slow = new GatedEngine(gate);
        try (RolloutLog log = new RolloutLog(run);
                RolloutService first = workers(run, slow, Duration.ofSeconds(10));
                RolloutService second = workers(run, slow, Duration.ofSeconds(10))) {
            log.publish(CHILDREN, 0, expert, expert.hash());
            log.write(Topics.PROMPTS, "g0", prompt());
            first.start();
            second.start();
            await().atMost(SOON).until(() -> slow.sampling.get() == 1);

            await().during(SHORT_LOCK.plusSeconds(3))
                    .atMost(SHORT_LOCK.multipliedBy(2))
                    .until(() -> slow.prepared.get() == 1);
            gate.countDown();

            await().atMost(SOON).until(() -> trajectories(log).size() == 2);
            assertThat(trajectories(log))
                    .allSatisfy(t -> assertThat(t.getDeliveryCount()).isEqualTo(1));
        }
    }

    @Test
    void givenSomePromptsOfSeveralSettledWhenItsWorkerEndsThenOnlyTheOthersGoToAnother() {
        RunContext run = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(run)) {
            for (String group : List.of("g0", "g1", "g2", "g3")) {
                log.write(Topics.PROMPTS, group, prompt(group));
            }
            Set<String> left = new TreeSet<>(List.of("g0", "g1", "g2", "g3"));
            try (PromptConsumer first = new PromptConsumer(run, 4)) {
                List<ConsumerRecord<String, Decoded<Prompt>>> taken = takeSeveral(first);
                first.accept(taken.get(0));
                first.commit();
                first.renew();
                first.accept(taken.get(1));
                first.commit();
                left.removeAll(Set.of(taken.get(0).key(), taken.get(1).key()));
            }
            try (PromptConsumer second = new PromptConsumer(run, 4)) {
                Set<String> taken = new TreeSet<>();
                await().atMost(SOON).until(() -> {
                    second.take(Duration.ofMillis(200)).forEach(record -> {
                        taken.add(record.key());
                        second.accept(record);
                    });
                    second.commit();
                    return taken.size() >= left.size();
                });
                assertThat(taken).isEqualTo(left);
            }
        }
    }

    /** A poll gives as many as the broker has at hand: fewer are given back until there are at least three. */
    private static List<ConsumerRecord<String, Decoded<Prompt>>> takeSeveral(PromptConsumer consumer) {
        return await().atMost(SOON)
                .until(
                        () -> {
                            var taken = consumer.take(Duration.ofMillis(200));
                            if (taken.size() < 3) {
                                taken.forEach(consumer::release);
                                consumer.commit();
                            }
                            return taken;
                        },
                        taken -> taken.size() >= 3);
    }

    /** The real engine behind a gate. */
    private static final class GatedEngine extends ForwardingEngine {
        private final CountDownLatch gate;
        private final AtomicInteger prepared = new AtomicInteger();
        private final AtomicInteger sampling = new AtomicInteger();

        GatedEngine(CountDownLatch gate) {
            super(rig.engine());
            this.gate = gate;
        }

        @Override
        public Prepared prepare(GroupText group) {
            prepared.incrementAndGet();
            return super.prepare(group);
        }

        @Override
        public CompletableFuture<List<Completion>> sample(String expert, Prepared group, Sampling settings) {
            sampling.incrementAndGet();
            return CompletableFuture.runAsync(() -> pass(gate))
                    .thenCompose(passed -> super.sample(expert, group, settings));
        }

        private static void pass(CountDownLatch gate) {
            try {
                assertThat(gate.await(2, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void shortenHold(RunContext run) throws Exception {
        ConfigResource group =
                new ConfigResource(ConfigResource.Type.GROUP, run.kafka().group(RolloutService.ROLE));
        AlterConfigOp set = new AlterConfigOp(
                new ConfigEntry(LOCK, String.valueOf(SHORT_LOCK.toMillis())), AlterConfigOp.OpType.SET);
        try (Admin admin = run.kafka().admin()) {
            admin.incrementalAlterConfigs(Map.of(group, List.of(set))).all().get();
        }
    }

    private static RolloutService workers(RunContext run, InferenceEngine engine, Duration patience) {
        return new RolloutService(
                run,
                RolloutConfigs.local(1),
                new PromptResolver(rig.library, PromptLayouts.canonical()),
                engine,
                patience);
    }

    private static Prompt prompt() {
        return prompt("g0");
    }

    private static Prompt prompt(String group) {
        return Prompt.newBuilder(RunRecords.prompt(group, CHILDREN))
                .setCaseRef(rig.prompt(CHILDREN, 0).getCaseRef())
                .setSampling(new Sampling(1.0, 4))
                .build();
    }

    private static List<Trajectory> trajectories(RolloutLog log) {
        return log.read(Topics.TRAJECTORIES, Trajectory.class);
    }
}
