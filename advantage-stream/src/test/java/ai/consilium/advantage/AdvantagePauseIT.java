package ai.consilium.advantage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.run.RunContext;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance that stands still, as a process on a starved machine does, until the broker has ended its transaction. */
@Tag("kill")
class AdvantagePauseIT {
    private static final String INSTANCE = "paused";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenAPauseLongerThanItsTransactionThenTheStreamGoesOnAndEveryGroupComesOutOnce(@TempDir Path dir)
            throws Exception {
        Random random = new Random(1);
        RunContext run = cluster.run(AdvantageRecords.SPECIALTIES.toArray(String[]::new));
        AdvantageLog log = new AdvantageLog(run);
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
                AdvantageProcess paused = AdvantageProcess.start(hasty, INSTANCE, dir)) {
            log.send(producer, List.of(Delivery.config()));
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                groups.add("g" + groups.size());
                log.send(producer, Delivery.group(groups.get(groups.size() - 1), random));
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
            log.send(producer, Delivery.group("last", random));
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(paused.alive()).as("see paused.log").isTrue();
                assertThat(log.outputs("read_committed")).hasSameSizeAs(groups);
            });
        }
        assertThat(log.outputs("read_committed").values()).allMatch(bytes -> bytes.size() == 1);
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
}
