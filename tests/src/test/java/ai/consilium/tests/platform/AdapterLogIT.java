package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.adapter.AdapterGoneException;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.adapter.AdapterMismatchException;
import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.FoldedAgent;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import javax.management.JMException;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;

class AdapterLogIT {
    private static final long SEED = 20261122;

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenAFileOfSeveralChunksWhenFetchedThenItIsWholeWhicheverVersionIsAsked() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        byte[] older = bytes(3 * AdapterRecords.CHUNK_BYTES + 17);
        byte[] newer = bytes(AdapterRecords.CHUNK_BYTES);
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var reader = adapters(run)) {
            producer.initTransactions();
            PolicyUpdate first = publish(producer, run, "pediatrics", 0, older);
            PolicyUpdate second = publish(producer, run, "pediatrics", 1, newer);
            PolicyUpdate other = publish(producer, run, "adult_medicine", 0, newer);

            assertThat(first.getChunks()).isEqualTo(4);
            assertThat(reader.fetch(second)).isEqualTo(newer);
            assertThat(reader.fetch(first)).isEqualTo(older);
            assertThat(reader.fetch(other)).isEqualTo(newer);
        }
    }

    @Test
    void givenAPolicyBehindTheUnifiedAgentWhenAdaptersAreWrittenThenEachLiesInThePartitionOfTheTable() {
        KafkaClients kafka = cluster.clients();
        PolicyTable policies = PolicyTable.of(List.of("pediatrics")).append("adult_medicine", 1);
        TopicCatalogue.create(kafka, policies);
        byte[] merged = bytes(1000);
        byte[] added = bytes(2000);
        try (var producer = kafka.transactionalProducer(kafka.group("learner"));
                var log = adapters(kafka, policies)) {
            AdapterRecords records = new AdapterRecords(kafka, policies, DigestUtils::getSha256Digest);
            producer.initTransactions();
            PolicyUpdate unified = publish(producer, records, Topics.UNIFIED, 1, merged);
            PolicyUpdate latest = publish(producer, records, "adult_medicine", 0, added);

            assertThat(records.chunks(Topics.UNIFIED, 2, merged))
                    .allSatisfy(chunk -> assertThat(chunk.partition()).isEqualTo(1));
            assertThat(records.chunks("adult_medicine", 1, added))
                    .allSatisfy(chunk -> assertThat(chunk.partition()).isEqualTo(2));
            assertThat(log.fetch(unified)).isEqualTo(merged);
            assertThat(log.fetch(latest)).isEqualTo(added);
        }
    }

    @Test
    void givenATombstonedVersionWhenFetchedThenItIsGoneAndTheOthersAreNot() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        byte[] kept = bytes(1000);
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var log = adapters(run)) {
            producer.initTransactions();
            PolicyUpdate old = publish(producer, run, "pediatrics", 0, bytes(2 * AdapterRecords.CHUNK_BYTES));
            PolicyUpdate newest = publish(producer, run, "pediatrics", 1, kept);
            assertThat(log.find(old)).isPresent();
            producer.beginTransaction();
            for (var tombstone :
                    new AdapterRecords(run.kafka(), run.policies(), DigestUtils::getSha256Digest).tombstones(old)) {
                var unused = producer.send(tombstone);
            }
            producer.commitTransaction();

            assertThat(log.fetch(newest)).isEqualTo(kept);
            assertThat(log.find(old)).isEmpty();
            assertThatThrownBy(() -> log.fetch(old))
                    .isInstanceOf(AdapterGoneException.class)
                    .hasMessageStartingWith("adapter pediatrics version 0 is no longer on the log");
            try (var fresh = adapters(run)) {
                assertThat(fresh.find(old)).isEmpty();
                assertThat(fresh.fetch(newest)).isEqualTo(kept);
            }
        }
    }

    @Test
    void givenAnUpdateThatPromisesOtherBytesWhenFetchedThenItIsRefused() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var log = adapters(run)) {
            producer.initTransactions();
            publish(producer, run, "pediatrics", 0, bytes(1000));
            assertThatThrownBy(() -> log.fetch(RunRecords.update("pediatrics", 0, 1, 999)))
                    .isInstanceOf(AdapterMismatchException.class)
                    .hasMessageContaining("adapter pediatrics version 0 is not the one that was published");
        }
    }

    @Test
    void givenAnUpdateThatNamesOtherTensorsWhenFetchedThenItIsRefused() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var log = adapters(run)) {
            producer.initTransactions();
            PolicyUpdate published = publish(producer, run, "pediatrics", 3, bytes(1000));
            PolicyUpdate update =
                    PolicyUpdate.newBuilder(published).setAdapterHash("another").build();

            assertThatThrownBy(() -> log.find(update))
                    .isInstanceOf(AdapterMismatchException.class)
                    .hasMessageContaining("adapter pediatrics version 3")
                    .hasMessageEndingWith("its policy update names another");
        }
    }

    @Test
    void givenAnAgentFoldedUnderAnAdapterWhenFetchedThenBothComeAsOneAndAnotherSumIsRefused() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        byte[] below = bytes(2 * AdapterRecords.CHUNK_BYTES + 1);
        byte[] above = bytes(1000);
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var log = adapters(run)) {
            producer.initTransactions();
            PolicyUpdate agent = publish(producer, run, Topics.UNIFIED, 7, below);
            PolicyUpdate published = publish(producer, run, "pediatrics", 3, above);
            PolicyUpdate expert = over(published, agent, hash(together(above, below)));

            assertThat(log.fetch(expert)).isEqualTo(together(above, below));
            assertThat(log.fetch(expert)).isEqualTo(together(above, below));
            assertThat(log.fetch(published)).isEqualTo(above);
            assertThatThrownBy(() -> log.find(over(published, agent, "another")))
                    .isInstanceOf(AdapterMismatchException.class)
                    .hasMessageContainingAll("adapter pediatrics version 3", "unified version 7 under it")
                    .hasMessageEndingWith("its policy update names another");
            producer.beginTransaction();
            new AdapterRecords(run.kafka(), run.policies(), DigestUtils::getSha256Digest)
                    .tombstones(agent)
                    .forEach(producer::send);
            producer.commitTransaction();
            try (var later = adapters(run)) {
                assertThatThrownBy(() -> later.fetch(expert))
                        .isInstanceOf(AdapterGoneException.class)
                        .hasMessageContaining("unified version 7");
            }
        }
    }

    @Test
    void givenVersionsThatAreLongPastWhenANewReaderFetchesTheNewestThenItReadsLittleMore() throws Exception {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        byte[] old = bytes(6 * AdapterRecords.CHUNK_BYTES);
        byte[] newest = bytes(2 * AdapterRecords.CHUNK_BYTES);
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"))) {
            producer.initTransactions();
            PolicyUpdate first = publish(producer, run, "pediatrics", 0, old);
            for (long version = 1; version < 5; version++) {
                publish(producer, run, "pediatrics", version, old);
            }
            PolicyUpdate last = publish(producer, run, "pediatrics", 5, newest);
            Set<ObjectName> others = consumers();
            try (var reader = adapters(run)) {
                assertThat(reader.fetch(last)).isEqualTo(newest);

                assertThat(consumers())
                        .filteredOn(consumer -> !others.contains(consumer))
                        .singleElement()
                        .satisfies(consumer -> assertThat(bytesConsumed(consumer))
                                .isBetween(newest.length * 1.0, newest.length + AdapterRecords.CHUNK_BYTES * 1.0));
                assertThat(reader.fetch(first)).isEqualTo(old);
                assertThat(reader.fetch(last)).isEqualTo(newest);
            }
        }
    }

    @Test
    void givenClocksThatDifferWhenAVersionIsFetchedThenItIsFoundNevertheless() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        byte[] older = bytes(1000);
        byte[] newer = bytes(2000);
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"))) {
            producer.initTransactions();
            PolicyUpdate first = publish(producer, run, "pediatrics", 0, older);
            PolicyUpdate second = publish(producer, run, "pediatrics", 1, newer);
            PolicyUpdate late = PolicyUpdate.newBuilder(first)
                    .setCreatedMs(second.getCreatedMs())
                    .build();
            PolicyUpdate future =
                    PolicyUpdate.newBuilder(first).setCreatedMs(Long.MAX_VALUE).build();

            for (PolicyUpdate update : List.of(late, future)) {
                try (var reader = adapters(run)) {
                    assertThat(reader.fetch(update)).isEqualTo(older);
                }
                try (var reader = adapters(run)) {
                    assertThat(reader.fetch(second)).isEqualTo(newer);
                    assertThat(reader.fetch(update)).isEqualTo(older);
                }
            }
        }
    }

    /** Kafka's consumers in this process. */
    private static Set<ObjectName> consumers() throws MalformedObjectNameException {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("kafka.consumer:type=consumer-fetch-manager-metrics,client-id=*"), null);
    }

    private static double bytesConsumed(ObjectName consumer) throws JMException {
        return (double) ManagementFactory.getPlatformMBeanServer().getAttribute(consumer, "bytes-consumed-total");
    }

    private static PolicyUpdate over(PolicyUpdate update, PolicyUpdate agent, String wholeHash) {
        return PolicyUpdate.newBuilder(update)
                .setFoldedAgent(new FoldedAgent(
                        agent.getVersion(),
                        agent.getAdapterHash(),
                        agent.getAdapterBytes(),
                        agent.getChunks(),
                        "weights",
                        wholeHash))
                .build();
    }

    private static byte[] together(byte[] own, byte[] agent) {
        byte[] both = Arrays.copyOf(own, own.length + agent.length);
        System.arraycopy(agent, 0, both, own.length, agent.length);
        return both;
    }

    /** Files that are taken as they are. */
    private static AdapterLog<byte[]> adapters(RunContext run) {
        return adapters(run.kafka(), run.policies());
    }

    private static AdapterLog<byte[]> adapters(KafkaClients kafka, PolicyTable policies) {
        return new AdapterLog<>(
                kafka,
                policies,
                (file, name) -> file,
                AdapterLogIT::hash,
                AdapterLogIT::together,
                DigestUtils::getSha256Digest);
    }

    private static String hash(byte[] file) {
        return "hash " + Arrays.hashCode(file);
    }

    private static PolicyUpdate publish(
            Producer<String, SpecificRecord> producer, RunContext run, String specialty, long version, byte[] file) {
        return publish(
                producer,
                new AdapterRecords(run.kafka(), run.policies(), DigestUtils::getSha256Digest),
                specialty,
                version,
                file);
    }

    private static PolicyUpdate publish(
            Producer<String, SpecificRecord> producer,
            AdapterRecords records,
            String specialty,
            long version,
            byte[] file) {
        var chunks = records.chunks(specialty, version, file);
        long begun = System.currentTimeMillis();
        producer.beginTransaction();
        for (var chunk : chunks) {
            var unused = producer.send(chunk);
        }
        producer.commitTransaction();
        return PolicyUpdate.newBuilder(RunRecords.update(specialty, version, chunks.size(), file.length))
                .setAdapterHash(hash(file))
                .setCreatedMs(begun)
                .build();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(SEED + length).nextBytes(bytes);
        return bytes;
    }
}
