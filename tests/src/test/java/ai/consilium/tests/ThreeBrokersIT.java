package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A run on three KRaft nodes, each a process: one after the other is killed and started again, and the run goes on to its end. */
@Tag("chaos")
class ThreeBrokersIT {
    /** Enough that the run is not over before every node was killed. */
    private static final int STEPS = 60;

    private static final int BATCH = 2;
    /** So low that nothing is learned: of cases that are all answered rightly no group would be left to train on. */
    private static final String LEARNING_RATE = "0.000001";

    private static final String RUN_ID = "three";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenThreeBrokersWhenOneAtATimeIsKilledThenTheRunGoesOnToItsEndAndTheBooksBalance() throws Exception {
        // given
        String config = SmallRun.configuration(directory).toString();
        try (ThreeBrokers cluster = ThreeBrokers.start(directory)) {
            Map<String, String> environment = Map.of(
                    "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS",
                    cluster.bootstrapServers(),
                    "CONSILIUM_SCHEMA_REGISTRY__URL",
                    cluster.registryUrl(),
                    "CONSILIUM_RUN_ID",
                    RUN_ID,
                    "CONSILIUM_STEPS",
                    Integer.toString(STEPS),
                    "CONSILIUM_RL__LEARNING_RATE",
                    LEARNING_RATE);
            try (RunProcess train = RunProcess.start(
                    directory,
                    "train",
                    environment,
                    "train",
                    "--config",
                    config,
                    "--run-dir",
                    directory.resolve("run").toString())) {
                awaitVersionAbove(train, 0);
                assertThat(cluster.replicas(RUN_ID)).isEqualTo(Set.of(ThreeBrokers.NODES));

                // when
                for (BrokerProcess broker : cluster.brokers()) {
                    killAndRestart(broker, train, cluster);
                }

                // then
                assertThat(train.alive()).as("the kills came while it trained").isTrue();
                train.succeed();
            }
            SmallRun.assertBalanced(SmallRun.describe(environment, "--config", config), SmallRun.trained(STEPS, BATCH));
        }
    }

    private static void killAndRestart(BrokerProcess broker, RunProcess train, ThreeBrokers cluster) throws Exception {
        long version = train.newestVersion();
        long killed = System.nanoTime();
        broker.kill();
        awaitVersionAbove(train, version + 1);
        long went = System.nanoTime();
        broker.restart();
        cluster.untilInSync(RUN_ID);
        System.out.printf(
                "ThreeBrokersIT: broker %d killed at version %d; two versions later after %.1f s; all replicas in sync %.1f s after its restart%n",
                broker.id(), version, (went - killed) / 1e9, (System.nanoTime() - went) / 1e9);
    }

    private static void awaitVersionAbove(RunProcess train, long version) {
        await().atMost(RunProcess.PATIENCE).pollInterval(ThreeBrokers.LOOK).until(() -> {
            assertThat(train.alive()).as("the run goes on; %s", train.errors()).isTrue();
            return train.newestVersion() > version;
        });
    }
}
