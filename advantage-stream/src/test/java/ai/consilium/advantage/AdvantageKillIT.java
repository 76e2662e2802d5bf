package ai.consilium.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.advantage.topology.TopologyRig;
import ai.consilium.platform.run.RunContext;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.TestSeed;
import ai.consilium.testing.WithKafka;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
import org.apache.kafka.clients.producer.Producer;
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
    private static final String VICTIM = "victim";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenKillsAtRandomMomentsThenEveryGroupComesOutOnceAndAsInTheUndisturbedRun(@TempDir Path dir)
            throws Exception {
        Random random = new Random(TestSeed.of(AdvantageKillIT.class));
        List<List<Delivery>> windows = windows(random);
        Map<String, byte[]> undisturbed = undisturbed(windows);

        RunContext run = cluster.run(AdvantageRecords.SPECIALTIES.toArray(String[]::new));
        AdvantageLog log = new AdvantageLog(run);
        AdvantageProcess victim = AdvantageProcess.start(run.kafka().settings(), VICTIM, dir);
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test");
                AdvantageService survivor = service(run, "survivor", dir.resolve("survivor"))) {
            log.send(producer, List.of(Delivery.config()));
            survivor.start();
            Set<Integer> partitions = awaitPartitionsOfVictim(run, victim);
            for (List<Delivery> window : windows.subList(0, KILLS)) {
                Set<String> before = log.outputs("read_uncommitted").keySet();
                log.send(producer, window);
                int more = 1 + random.nextInt(GROUPS_A_KILL / 8);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> fresh(log, before, partitions) >= more);
                victim.kill();
                victim = AdvantageProcess.start(run.kafka().settings(), VICTIM, dir);
            }
            log.send(producer, windows.get(KILLS));
            AdvantageProcess last = victim;
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(last.alive()).as("see victim.log").isTrue();
                assertThat(log.outputs("read_committed")).hasSameSizeAs(undisturbed);
            });
            assertThat(survivor.threads().get(0).failure()).isEmpty();
        } finally {
            victim.close();
        }

        Map<String, List<byte[]>> outputs = log.outputs("read_committed");
        assertThat(outputs).containsOnlyKeys(undisturbed.keySet());
        outputs.forEach((group, bytes) -> {
            assertThat(bytes).as("outputs of %s", group).hasSize(1);
            assertThat(bytes.get(0)).as("bytes of %s", group).isEqualTo(undisturbed.get(group));
        });
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
                List<Delivery> group = Delivery.group("g" + w + "-" + g, random);
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

    /** The same records through the same topology, with nobody killed. */
    private static Map<String, byte[]> undisturbed(List<List<Delivery>> windows) {
        Map<String, byte[]> groups = new HashMap<>();
        try (TopologyRig bench = TopologyRig.ready()) {
            windows.forEach(window -> window.forEach(d -> bench.send(d.topic(), d.key(), d.value())));
            bench.groupBytes()
                    .forEach(bytes -> groups.put(bench.decoded(bytes).getGroupId(), AdvantageLog.body(bytes)));
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
                            held -> held.size() == AdvantageLog.PARTITIONS / 2);
        }
    }

    private static long fresh(AdvantageLog log, Set<String> before, Set<Integer> partitions) {
        return log.outputs("read_uncommitted").keySet().stream()
                .filter(group -> !before.contains(group) && partitions.contains(AdvantageLog.partition(group)))
                .count();
    }
}
