package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import java.util.List;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AdapterLogIT {
    private static final long SEED = 20261122;
    private static EmbeddedCluster cluster;

    @BeforeAll
    static void startCluster() {
        cluster = EmbeddedCluster.start();
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    @Test
    void givenAFileOfSeveralChunksWhenFetchedThenItIsWholeWhicheverVersionIsAsked() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        byte[] older = bytes(3 * AdapterLog.CHUNK_BYTES + 17);
        byte[] newer = bytes(AdapterLog.CHUNK_BYTES);
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var writer = new AdapterLog(run.kafka(), run.policies());
                var reader = new AdapterLog(run.kafka(), run.policies())) {
            producer.initTransactions();
            PolicyUpdate first = publish(producer, writer, "pediatrics", 0, older);
            PolicyUpdate second = publish(producer, writer, "pediatrics", 1, newer);
            PolicyUpdate other = publish(producer, writer, "adult_medicine", 0, newer);

            assertThat(first.getChunks()).isEqualTo(4);
            assertThat(reader.fetch(second)).contains(newer);
            assertThat(reader.fetch(first)).contains(older);
            assertThat(reader.fetch(other)).contains(newer);
        }
    }

    @Test
    void givenAPolicyBehindTheUnifiedAgentWhenAdaptersAreWrittenThenEachLiesInThePartitionOfTheTable() {
        KafkaClients kafka = cluster.clients();
        PolicyTable policies = PolicyTable.of(List.of("pediatrics")).append("adult_medicine");
        TopicCatalogue.create(kafka, policies);
        byte[] merged = bytes(1000);
        byte[] added = bytes(2000);
        try (var producer = kafka.transactionalProducer(kafka.group("learner"));
                var log = new AdapterLog(kafka, policies)) {
            producer.initTransactions();
            PolicyUpdate unified = publish(producer, log, Topics.UNIFIED, 1, merged);
            PolicyUpdate latest = publish(producer, log, "adult_medicine", 0, added);

            assertThat(log.chunks(Topics.UNIFIED, 2, merged))
                    .allSatisfy(chunk -> assertThat(chunk.partition()).isEqualTo(1));
            assertThat(log.chunks("adult_medicine", 1, added))
                    .allSatisfy(chunk -> assertThat(chunk.partition()).isEqualTo(2));
            assertThat(log.fetch(unified)).contains(merged);
            assertThat(log.fetch(latest)).contains(added);
        }
    }

    @Test
    void givenATombstonedVersionWhenFetchedThenItIsGoneAndTheOthersAreNot() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        byte[] kept = bytes(1000);
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var log = new AdapterLog(run.kafka(), run.policies())) {
            producer.initTransactions();
            PolicyUpdate old = publish(producer, log, "pediatrics", 0, bytes(2 * AdapterLog.CHUNK_BYTES));
            PolicyUpdate newest = publish(producer, log, "pediatrics", 1, kept);
            assertThat(log.fetch(old)).isPresent();
            producer.beginTransaction();
            log.tombstone(producer, old);
            producer.commitTransaction();

            assertThat(log.fetch(newest)).contains(kept);
            assertThat(log.fetch(old)).isEmpty();
            try (var fresh = new AdapterLog(run.kafka(), run.policies())) {
                assertThat(fresh.fetch(old)).isEmpty();
                assertThat(fresh.fetch(newest)).contains(kept);
            }
        }
    }

    @Test
    void givenAnUpdateThatPromisesOtherBytesWhenFetchedThenItIsRefused() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var log = new AdapterLog(run.kafka(), run.policies())) {
            producer.initTransactions();
            publish(producer, log, "pediatrics", 0, bytes(1000));
            assertThatThrownBy(() -> log.fetch(RunRecords.update("pediatrics", 0, 1, 999)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("adapter pediatrics version 0");
        }
    }

    private static PolicyUpdate publish(
            Producer<String, SpecificRecord> producer, AdapterLog log, String specialty, long version, byte[] file) {
        var chunks = log.chunks(specialty, version, file);
        producer.beginTransaction();
        for (var chunk : chunks) {
            var unused = producer.send(chunk);
        }
        producer.commitTransaction();
        return RunRecords.update(specialty, version, chunks.size(), file.length);
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(SEED + length).nextBytes(bytes);
        return bytes;
    }
}
