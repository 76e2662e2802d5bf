package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.manifest.ManifestGate;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class ManifestGateIT {
    private static final Duration SOON = Duration.ofSeconds(40);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static RunContext host(RunContext run, String batchSize) {
        RunSettings settings = new RunSettings(
                "0.2.0", PolicyTable.of(run.specialties()), new TreeMap<>(Map.of("batch_size", batchSize)), Set.of());
        return new RunContext(run.runId(), "host", settings, run.kafka(), run.metrics());
    }

    private static void write(RunContext run, int revision, String batchSize) throws Exception {
        RunManifest manifest = RunManifest.newBuilder(host(run, batchSize)
                        .settings()
                        .revise(Optional.empty(), run.runId(), "scheduler/s", 1)
                        .orElseThrow())
                .setRevision(revision)
                .build();
        try (var producer = run.kafka().producer("scheduler")) {
            producer.send(new ProducerRecord<>(run.kafka().topic(Topics.RUN_MANIFESTS), run.runId(), manifest))
                    .get();
        }
    }

    @Test
    void givenNoManifestWhenOneThatFitsIsWrittenThenTheGateOpensAndALaterOneThatDoesNotClosesIt() throws Exception {
        RunContext run = cluster.run("pediatrics");
        try (ManifestGate gate = new ManifestGate(host(run, "2"), "learner")) {
            gate.start();
            ServiceThread thread = gate.threads().get(0);
            await().atMost(SOON)
                    .until(() -> thread.waitingFor()
                            .equals("the manifest of run " + run.runId() + ", which its scheduler writes"));
            assertThat(thread.idle()).isTrue();
            assertThat(gate.accepted()).isEmpty();

            write(run, 1, "2");
            await().atMost(SOON).until(() -> gate.accepted().isPresent());
            assertThat(gate.accepted().orElseThrow().getRevision()).isEqualTo(1);

            write(run, 2, "3");
            await().atMost(SOON).until(thread::ended);
            assertThat(thread.failure())
                    .hasValueSatisfying(failure -> assertThat(failure)
                            .isInstanceOf(UsageException.class)
                            .hasMessage(
                                    "batch_size: 2 here, 3 in the manifest of run " + run.runId() + ", revision 2"));
        }
    }

    @Test
    void givenSeveralRevisionsWhenARoleStartsThenItIsComparedWithTheNewestOnly() throws Exception {
        RunContext run = cluster.run("pediatrics");
        write(run, 1, "2");
        write(run, 2, "3");

        try (ManifestGate gate = new ManifestGate(host(run, "3"), "learner")) {
            gate.start();
            await().atMost(SOON).until(() -> gate.accepted().isPresent());
            assertThat(gate.accepted().orElseThrow().getRevision()).isEqualTo(2);
        }
        assertThat(ManifestLog.newest(run.kafka()))
                .map(RunManifest::getRevision)
                .hasValue(2);
    }

    @Test
    void givenARunWithoutTheTopicThenThereIsNoManifest() {
        assertThat(ManifestLog.newest(cluster.clients())).isEmpty();
    }
}
