package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A run on three KRaft nodes, each a process: one after the other is killed and started again, and the run goes on to its end. */
@Tag("chaos")
class ThreeBrokersIT {
    private static final int NODES = 3;
    /** Enough that the run is not over before every node was killed. */
    private static final int STEPS = 60;

    private static final int BATCH = 2;
    /** So low that nothing is learned: of cases that are all answered rightly no group would be left to train on. */
    private static final String LEARNING_RATE = "0.000001";

    private static final String RUN_ID = "three";
    private static final Duration LOOK = Duration.ofMillis(500);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final List<AutoCloseable> running = new ArrayList<>();

    @AfterEach
    void stopWhatRuns() throws Exception {
        for (AutoCloseable one : running) {
            one.close();
        }
    }

    @Test
    void givenThreeBrokersWhenOneAtATimeIsKilledThenTheRunGoesOnToItsEndAndTheBooksBalance() throws Exception {
        // given
        List<BrokerProcess> brokers = BrokerProcess.cluster(directory, NODES);
        running.addAll(brokers);
        List<String> addresses = new ArrayList<>();
        for (BrokerProcess broker : brokers) {
            addresses.add(broker.address());
        }
        String bootstrap = String.join(",", addresses);
        String config = SmallRun.configuration(directory).toString();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
                EmbeddedRegistry registry = registry(admin, bootstrap)) {
            Map<String, String> environment = new HashMap<>(Map.of(
                    "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS",
                    bootstrap,
                    "CONSILIUM_SCHEMA_REGISTRY__URL",
                    registry.url(),
                    "CONSILIUM_RUN_ID",
                    RUN_ID,
                    "CONSILIUM_STEPS",
                    Integer.toString(STEPS)));
            RunProcess train = RunProcess.start(
                    directory,
                    "train",
                    environment,
                    "train",
                    "--config",
                    config,
                    "--run-dir",
                    directory.resolve("run").toString());
            running.add(0, train);
            awaitVersionAbove(train, 0);
            assertThat(replicas(admin)).isEqualTo(Set.of(NODES));

            // when
            for (BrokerProcess broker : brokers) {
                killAndRestart(broker, train, admin);
            }

            // then
            assertThat(train.alive()).as("the kills came while it trained").isTrue();
            train.succeed();
            SmallRun.assertBalanced(SmallRun.describe(environment, "--config", config), SmallRun.trained(STEPS, BATCH));
        }
    }

    private static EmbeddedRegistry registry(Admin admin, String bootstrap) {
        await().atMost(RunProcess.PATIENCE)
                .pollInterval(LOOK)
                .ignoreExceptions()
                .until(() -> admin.describeCluster().nodes().get().size() == NODES);
        return EmbeddedRegistry.start(bootstrap, 0);
    }

    private static void killAndRestart(BrokerProcess broker, RunProcess train, Admin admin) throws Exception {
        long version = train.newestVersion();
        long killed = System.nanoTime();
        broker.kill();
        awaitVersionAbove(train, version + 1);
        long went = System.nanoTime();
        broker.restart();
        await().atMost(RunProcess.PATIENCE)
                .pollInterval(LOOK)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(inSync(admin)).isEqualTo(Set.of(NODES)));
        System.out.printf(
                "ThreeBrokersIT: broker %d killed at version %d; two versions later after %.1f s; all replicas in sync %.1f s after its restart%n",
                broker.id(), version, (went - killed) / 1e9, (System.nanoTime() - went) / 1e9);
    }

    private static void awaitVersionAbove(RunProcess train, long version) {
        await().atMost(RunProcess.PATIENCE).pollInterval(LOOK).until(() -> {
            assertThat(train.alive()).as("the run goes on; %s", train.errors()).isTrue();
            return train.newestVersion() > version;
        });
    }

    /** How many replicas the partitions of the run's topics have. */
    private static Set<Integer> replicas(Admin admin) throws ExecutionException, InterruptedException {
        return described(admin).values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(partition -> partition.replicas().size())
                .collect(Collectors.toSet());
    }

    private static Set<Integer> inSync(Admin admin) throws ExecutionException, InterruptedException {
        return described(admin).values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(partition -> partition.isr().size())
                .collect(Collectors.toSet());
    }

    private static Map<String, TopicDescription> described(Admin admin)
            throws ExecutionException, InterruptedException {
        List<String> names = List.of(Topics.values()).stream()
                .map(topic -> topic.name(RUN_ID))
                .toList();
        return admin.describeTopics(names).allTopicNames().get();
    }
}
