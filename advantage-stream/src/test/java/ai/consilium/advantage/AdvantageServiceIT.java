package ai.consilium.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.advantage.topology.UnreadInputProbe;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service on a real broker and registry: exactly once across restarts, and deadlines that ask the log. */
class AdvantageServiceIT {
    private static final int PARTITIONS = 4;
    private static final AdvantageConfig CONFIG =
            new AdvantageConfig(1, Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofMinutes(10));
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @WithKafka
    private static EmbeddedCluster cluster;

    private RunContext run;

    @BeforeEach
    void startRun() {
        run = cluster.run(AdvantageRecords.SPECIALTIES.toArray(String[]::new));
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            put(producer, Topics.SCORING_CONFIGS, 0, "config", AdvantageRecords.config("config"));
        }
    }

    @Test
    void givenRestartsInTheMiddleOneWithoutItsStateThenEveryGroupComesOutOnceOnItsSpecialtysPartition(
            @TempDir Path dir) {
        List<String> whole = List.of("a", "b", "c", "d", "e");
        List<String> halves = List.of("f", "g", "h", "i", "j");
        try (Producer<String, SpecificRecord> producer =
                run.kafka().transactionalProducer(run.kafka().group("test"))) {
            producer.initTransactions();
            try (AdvantageService service = started(dir.resolve("state"))) {
                send(producer, halves, 0, 5);
                send(producer, whole, 0, 8);
                awaitGroups(5);
                assertThat(service.threads().get(0).failure()).isEmpty();
            }
            send(producer, halves.subList(0, 3), 5, 8);
            try (AdvantageService service = started(dir.resolve("state"))) {
                awaitGroups(8);
                assertThat(service.threads().get(0).failure()).isEmpty();
            }
            // Everything again, as after a worker's and a scorer's restart; then what was missing, on a lost disk.
            send(producer, whole, 0, 8);
            send(producer, halves, 0, 8);
            try (AdvantageService service = started(dir.resolve("lost"))) {
                awaitGroups(10);
                send(producer, List.of("k", "l", "m", "n"), 0, 8);
                awaitGroups(14);
                assertThat(service.threads().get(0).failure()).isEmpty();
            }
        }

        List<ConsumerRecord<String, TrainingGroup>> groups = readAll(Topics.TRAINING_GROUPS, TrainingGroup.class);
        assertThat(groups)
                .extracting(g -> g.value().getGroupId())
                .containsExactlyInAnyOrder("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n");
        assertThat(groups).allSatisfy(g -> {
            assertThat(g.key()).isEqualTo("pediatrics");
            assertThat(g.partition()).isEqualTo(1);
            assertThat(g.value().getMembers()).hasSize(8);
        });
    }

    private void awaitGroups(int count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(readAll(Topics.TRAINING_GROUPS, TrainingGroup.class))
                        .hasSize(count));
    }

    @Test
    void givenAPassedDeadlineWhenTheLogHoldsOnlyMarkersBehindItThenTheGroupIsAbandoned(@TempDir Path dir) {
        try (Producer<String, SpecificRecord> producer =
                run.kafka().transactionalProducer(run.kafka().group("test"))) {
            producer.initTransactions();
            producer.beginTransaction();
            put(
                    producer,
                    Topics.PROMPTS,
                    partition("late"),
                    "late",
                    Prompt.newBuilder(AdvantageRecords.prompt("late"))
                            .setDeadlineMs(System.currentTimeMillis())
                            .build());
            producer.commitTransaction();
            producer.beginTransaction();
            put(producer, Topics.TRAJECTORIES, partition("late"), "late", AdvantageRecords.trajectory("late", 0));
            producer.abortTransaction();
        }

        try (AdvantageService service = started(dir)) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(readAll(Topics.GROUP_OUTCOMES, GroupOutcome.class))
                            .extracting(o -> o.value().getOutcome())
                            .containsExactly(Outcome.ABANDONED));
            assertThat(service.threads().get(0).failure()).isEmpty();
        }
    }

    @Test
    void givenRecordsThatTheTaskHasNotReadThenTheProbeSeesThemAndOtherwiseNot() {
        String trajectories = run.kafka().topic(Topics.TRAJECTORIES);
        try (Producer<String, SpecificRecord> producer =
                run.kafka().transactionalProducer(run.kafka().group("test"))) {
            producer.initTransactions();
            producer.beginTransaction();
            put(producer, Topics.TRAJECTORIES, partition("g"), "g", AdvantageRecords.trajectory("g", 0));
            producer.commitTransaction();
        }
        int partition = partition("g");

        try (UnreadInputProbe probe =
                new UnreadInputProbe(run.kafka(), run.kafka().group("advantage"))) {
            assertThat(probe.any(partition, Map.of())).isTrue();
            assertThat(probe.any(partition, Map.of(trajectories, 1L))).isFalse();
            assertThat(probe.any((partition + 1) % PARTITIONS, Map.of())).isFalse();
        }
    }

    @Test
    void givenARewardServiceThatHasNotScoredYetThenItIsBehindUntilItCommitsOrIsGone() {
        int partition = partition("g");
        TopicPartition trajectories = new TopicPartition(run.kafka().topic(Topics.TRAJECTORIES), partition);
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            put(producer, Topics.TRAJECTORIES, partition, "g", AdvantageRecords.trajectory("g", 0));
        }
        try (UnreadInputProbe probe =
                new UnreadInputProbe(run.kafka(), run.kafka().group("advantage"))) {
            assertThat(probe.scoresToCome(partition, "g", Set.of())).isFalse();
            try (Consumer<String, Decoded<Trajectory>> reward =
                    run.kafka().consumer(Trajectory.class, run.kafka().group("reward"), Map.of())) {
                reward.subscribe(List.of(trajectories.topic()));
                await().atMost(PATIENCE)
                        .until(() -> !reward.poll(Duration.ofMillis(100)).isEmpty());
                assertThat(probe.scoresToCome(partition, "g", Set.of())).isTrue();

                reward.commitSync(Map.of(trajectories, new OffsetAndMetadata(1)));
                assertThat(probe.scoresToCome(partition, "g", Set.of())).isFalse();

                reward.commitSync(Map.of(trajectories, new OffsetAndMetadata(0)));
                assertThat(probe.scoresToCome(partition, "g", Set.of())).isTrue();
            }
            await().atMost(PATIENCE).until(() -> !probe.scoresToCome(partition, "g", Set.of()));
        }
    }

    private AdvantageService started(Path state) {
        RunContext process =
                new RunContext(run.runId(), run.instance(), run.specialties(), run.kafka(), new SimpleMeterRegistry());
        AdvantageService service = new AdvantageService(process, CONFIG, state);
        service.start();
        return service;
    }

    /** Prompts, and trajectories and scores of the samples {@code from} to {@code to}, in one transaction. */
    private void send(Producer<String, SpecificRecord> producer, List<String> groups, int from, int to) {
        producer.beginTransaction();
        for (String group : groups) {
            for (int i = from; i < to; i++) {
                put(producer, Topics.TRAJECTORIES, partition(group), group, AdvantageRecords.trajectory(group, i));
                put(producer, Topics.SCORES, partition(group), group, AdvantageRecords.scores(group, i));
            }
            put(
                    producer,
                    Topics.PROMPTS,
                    partition(group),
                    group,
                    Prompt.newBuilder(AdvantageRecords.prompt(group))
                            .setDeadlineMs(Long.MAX_VALUE)
                            .build());
        }
        producer.commitTransaction();
    }

    private void put(
            Producer<String, SpecificRecord> producer, Topics topic, int partition, String key, SpecificRecord value) {
        // The commit, or closing the producer, waits for it.
        var unused = producer.send(new ProducerRecord<>(run.kafka().topic(topic), partition, key, value));
    }

    private static int partition(String group) {
        return Math.floorMod(group.hashCode(), PARTITIONS);
    }

    private <T extends SpecificRecord> List<ConsumerRecord<String, T>> readAll(Topics topic, Class<T> type) {
        List<ConsumerRecord<String, T>> all = new ArrayList<>();
        try (LogReader<T> reader =
                new LogReader<>(run.kafka(), topic, type, new DeadLetters(run.kafka(), "test"), null, Map.of())) {
            reader.readToEnd(all::addAll);
        }
        return all;
    }
}
