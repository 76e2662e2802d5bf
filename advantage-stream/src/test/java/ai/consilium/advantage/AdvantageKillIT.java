package ai.consilium.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.RunContext;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.testing.EmbeddedCluster;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances share the partitions of a stream of groups; one of them is killed at random moments, in the middle of its
 * transactions, and started again under its name. {@code -Pkill} kills more often than the default build.
 */
@Tag("kill")
class AdvantageKillIT {
    private static final int KILLS = Integer.getInteger("consilium.kills", 1);
    private static final int GROUPS_A_KILL = 40;
    private static final int PARTITIONS = 4;
    private static final int SCHEMA_HEADER = 5;
    private static final String VICTIM = "victim";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static EmbeddedCluster cluster;

    /** What one group needs, by topic. */
    private record Delivery(Topics topic, String group, SpecificRecord value) {}

    @BeforeAll
    static void startCluster() {
        cluster = EmbeddedCluster.start();
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @Test
    void givenKillsAtRandomMoments_thenEveryGroupComesOutOnceAndAsInTheUndisturbedRun(@TempDir Path dir)
            throws Exception {
        long seed = System.nanoTime();
        System.out.println("AdvantageKillIT: seed " + seed + ", kills " + KILLS);
        Random random = new Random(seed);
        List<List<Delivery>> windows = windows(random);
        Map<String, byte[]> undisturbed = undisturbed(windows);

        RunContext run = cluster.run(Records.SPECIALTIES.toArray(String[]::new));
        AdvantageProcess victim = AdvantageProcess.start(run.kafka().settings(), VICTIM, dir);
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test");
                AdvantageService survivor = service(run, "survivor", dir.resolve("survivor"))) {
            send(run, producer, List.of(new Delivery(Topics.SCORING_CONFIGS, "config", Records.config("config"))));
            survivor.start();
            Set<Integer> partitions = awaitPartitionsOfVictim(run, victim);
            for (List<Delivery> window : windows.subList(0, KILLS)) {
                Set<String> before = outputs(run, "read_uncommitted").keySet();
                send(run, producer, window);
                int more = 1 + random.nextInt(GROUPS_A_KILL / 8);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> fresh(run, before, partitions) >= more);
                victim.kill();
                victim = AdvantageProcess.start(run.kafka().settings(), VICTIM, dir);
            }
            send(run, producer, windows.get(KILLS));
            AdvantageProcess last = victim;
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(last.alive()).as("see victim.log").isTrue();
                assertThat(outputs(run, "read_committed")).hasSameSizeAs(undisturbed);
            });
            assertThat(survivor.threads().get(0).failure()).isEmpty();
        } finally {
            victim.close();
        }

        Map<String, List<byte[]>> outputs = outputs(run, "read_committed");
        assertThat(outputs).containsOnlyKeys(undisturbed.keySet());
        outputs.forEach((group, bytes) -> {
            assertThat(bytes).as("outputs of %s", group).hasSize(1);
            assertThat(bytes.get(0)).as("bytes of %s", group).isEqualTo(undisturbed.get(group));
        });
    }

    @Test
    void givenAPauseLongerThanItsTransaction_thenTheStreamGoesOnAndEveryGroupComesOutOnce(@TempDir Path dir)
            throws Exception {
        Random random = new Random(1);
        RunContext run = cluster.run(Records.SPECIALTIES.toArray(String[]::new));
        KafkaSettings all = run.kafka().settings();
        KafkaSettings hasty = new KafkaSettings(
                all.bootstrapServers(),
                all.schemaRegistryUrl(),
                all.prefix(),
                all.partitions(),
                all.replicationFactor(),
                Map.of(AdvantageProcess.TRANSACTION_MS, "2000"));
        List<String> groups = new ArrayList<>();
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test");
                Admin admin = run.kafka().admin();
                AdvantageProcess paused = AdvantageProcess.start(hasty, VICTIM, dir)) {
            send(run, producer, List.of(new Delivery(Topics.SCORING_CONFIGS, "config", Records.config("config"))));
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                groups.add("g" + groups.size());
                send(run, producer, group(groups.get(groups.size() - 1), random));
                paused.pause();
                boolean inTheMiddle = inTransaction(run, admin);
                if (!inTheMiddle) {
                    paused.resume();
                }
                return inTheMiddle;
            });
            await().atMost(PATIENCE).until(() -> !inTransaction(run, admin));
            paused.resume();
            groups.add("last");
            send(run, producer, group("last", random));
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(paused.alive()).as("see victim.log").isTrue();
                assertThat(outputs(run, "read_committed")).hasSameSizeAs(groups);
            });
        }
        assertThat(outputs(run, "read_committed").values()).allMatch(bytes -> bytes.size() == 1);
    }

    private static boolean inTransaction(RunContext run, Admin admin) throws Exception {
        String application = run.kafka().group("advantage");
        return admin
                .listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
                .all()
                .get()
                .stream()
                .anyMatch(transaction -> transaction.transactionalId().startsWith(application));
    }

    /**
     * What is sent before the first kill, between kills, and after the last. A third of each window's records are held back to
     * the next one, so that a kill finds groups open and their state is needed afterwards.
     */
    private static List<List<Delivery>> windows(Random random) {
        List<List<Delivery>> windows = new ArrayList<>();
        List<Delivery> heldBack = new ArrayList<>();
        for (int w = 0; w <= KILLS; w++) {
            List<Delivery> window = new ArrayList<>(heldBack);
            heldBack.clear();
            for (int g = 0; g < GROUPS_A_KILL; g++) {
                List<Delivery> group = group("g" + w + "-" + g, random);
                Collections.shuffle(group, random);
                int now = w < KILLS && g % 3 == 0 ? random.nextInt(group.size()) : group.size();
                window.addAll(group.subList(0, now));
                heldBack.addAll(group.subList(now, group.size()));
            }
            Collections.shuffle(window, random);
            windows.add(window);
        }
        return windows;
    }

    private static List<Delivery> group(String id, Random random) {
        List<Delivery> group = new ArrayList<>();
        group.add(new Delivery(
                Topics.PROMPTS,
                id,
                Prompt.newBuilder(Records.prompt(id))
                        .setDeadlineMs(Long.MAX_VALUE)
                        .build()));
        for (int i = 0; i < Records.MEMBERS.size(); i++) {
            Trajectory trajectory = Records.trajectory(id, i);
            Scores scores = Records.scores(id, i, trajectory.getTrajectoryId(), random.nextInt(2));
            group.add(new Delivery(Topics.TRAJECTORIES, id, trajectory));
            group.add(new Delivery(Topics.SCORES, id, scores));
            if (random.nextInt(4) == 0) { // delivered again, as after a worker's restart
                group.add(new Delivery(Topics.TRAJECTORIES, id, trajectory));
            }
        }
        return group;
    }

    /** The same records through the same topology, with nobody killed. */
    private static Map<String, byte[]> undisturbed(List<List<Delivery>> windows) {
        Map<String, byte[]> groups = new HashMap<>();
        try (Bench bench = Bench.ready()) {
            windows.forEach(window -> window.forEach(d -> bench.send(d.topic(), d.group(), d.value())));
            bench.groupBytes().forEach(bytes -> groups.put(bench.decoded(bytes).getGroupId(), body(bytes)));
        }
        assertThat(groups).hasSize((KILLS + 1) * GROUPS_A_KILL);
        return groups;
    }

    private static AdvantageService service(RunContext run, String instance, Path state) {
        return new AdvantageService(
                new RunContext(run.runId(), instance, run.specialties(), run.kafka(), new SimpleMeterRegistry()),
                AdvantageProcess.CONFIG,
                state);
    }

    /** Partitions of the inputs that the static member holds, once each instance has its share. */
    private static Set<Integer> awaitPartitionsOfVictim(RunContext run, AdvantageProcess victim) {
        String group = run.kafka().group("advantage");
        try (Admin admin = run.kafka().admin()) {
            return await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(
                            () -> {
                                assertThat(victim.alive()).as("see victim.log").isTrue();
                                Set<Integer> held = new HashSet<>();
                                var described = admin.describeConsumerGroups(List.of(group))
                                        .describedGroups();
                                var members = Objects.requireNonNull(described.get(group))
                                        .get()
                                        .members();
                                for (var member : members) {
                                    if (member.groupInstanceId().orElse("").startsWith(VICTIM)) {
                                        member.assignment().topicPartitions().forEach(p -> held.add(p.partition()));
                                    }
                                }
                                return held;
                            },
                            held -> held.size() == PARTITIONS / 2);
        }
    }

    private static long fresh(RunContext run, Set<String> before, Set<Integer> partitions) {
        return outputs(run, "read_uncommitted").keySet().stream()
                .filter(group -> !before.contains(group) && partitions.contains(partition(group)))
                .count();
    }

    private static void send(RunContext run, Producer<String, SpecificRecord> producer, List<Delivery> deliveries) {
        for (Delivery d : deliveries) {
            int partition = d.topic() == Topics.SCORING_CONFIGS ? 0 : partition(d.group());
            // The flush waits for it.
            var unused =
                    producer.send(new ProducerRecord<>(run.kafka().topic(d.topic()), partition, d.group(), d.value()));
        }
        producer.flush();
    }

    private static int partition(String group) {
        return Math.floorMod(group.hashCode(), PARTITIONS);
    }

    /** Bodies of the training groups on the log, by group. */
    private static Map<String, List<byte[]>> outputs(RunContext run, String isolation) {
        Map<String, Object> properties = run.kafka().connectionProperties();
        properties.put("isolation.level", isolation);
        Map<String, List<byte[]>> outputs = new HashMap<>();
        var groups = run.kafka().serde(ai.consilium.schemas.TrainingGroup.class).deserializer();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            String topic = run.kafka().topic(Topics.TRAINING_GROUPS);
            List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
                    String group = groups.deserialize(topic, record.value()).getGroupId();
                    outputs.computeIfAbsent(group, g -> new ArrayList<>()).add(body(record.value()));
                }
            }
        }
        return outputs;
    }

    /** Without the schema's number, which is the registry's to give. */
    private static byte[] body(byte[] record) {
        return Arrays.copyOfRange(record, SCHEMA_HEADER, record.length);
    }
}
