package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @WithKafka
    private static EmbeddedCluster cluster;

    private final List<DeadLetters> opened = new ArrayList<>();

    @AfterEach
    void closeDeadLetters() {
        opened.forEach(DeadLetters::close);
    }

    @Test
    void givenARecordWhenWrittenThenItIsReadBackEqual() {
        RunContext run = cluster.run("pediatrics");
        Prompt prompt = RunRecords.prompt("g1", "pediatrics");
        try (var producer = run.kafka().producer("test");
                var reader = reader(run, Topics.PROMPTS, Prompt.class)) {
            send(producer, run, Topics.PROMPTS, "g1", prompt);
            List<ConsumerRecord<String, Prompt>> read = readUntilCaughtUp(reader);
            assertThat(read).singleElement().satisfies(record -> {
                assertThat(record.key()).isEqualTo("g1");
                assertThat(record.value()).isEqualTo(prompt);
            });
        }
    }

    @Test
    void givenATopicThatIsNotThereYetWhenReadThenTheReaderWaitsForIt() throws Exception {
        // given clients of a run without topics
        KafkaClients clients = cluster.clients();
        var opening = CompletableFuture.supplyAsync(() -> reader(clients, Topics.PROMPTS, Prompt.class));
        await().during(Duration.ofMillis(300)).until(() -> !opening.isDone());

        // when
        TopicCatalogue.create(clients, PolicyTable.of(List.of("pediatrics")));

        // then
        try (LogReader<Prompt> reader = opening.get(SOON.toSeconds(), TimeUnit.SECONDS)) {
            assertThat(readUntilCaughtUp(reader)).isEmpty();
        }
    }

    @Test
    void givenPoisonBetweenRecordsWhenReadThenItGoesToTheDeadLettersAndTheRestIsRead() {
        RunContext run = cluster.run("pediatrics");
        byte[] poison = "not avro".getBytes(StandardCharsets.UTF_8);
        try (var producer = run.kafka().producer("test");
                var raw = rawProducer(run);
                var reader = reader(run, Topics.GROUP_OUTCOMES, GroupOutcome.class);
                var letters = reader(run, Topics.DEAD_LETTERS, DeadLetter.class)) {
            send(producer, run, Topics.GROUP_OUTCOMES, "g1", RunRecords.outcome("g1", Outcome.TRAINED));
            String topic = run.kafka().topic(Topics.GROUP_OUTCOMES);
            for (byte[] bytes : List.of(poison, promptBytes(run))) {
                var unused = raw.send(new ProducerRecord<>(topic, "bad", bytes));
            }
            raw.flush();
            send(producer, run, Topics.GROUP_OUTCOMES, "g2", RunRecords.outcome("g2", Outcome.STALE));

            assertThat(readUntilCaughtUp(reader))
                    .extracting(ConsumerRecord::key)
                    .containsExactly("g1", "g2");
            List<ConsumerRecord<String, DeadLetter>> dead = readUntilCaughtUp(letters);
            assertThat(dead).hasSize(2);
            DeadLetter first = dead.get(0).value();
            assertThat(first.getOffset()).isEqualTo(1);
            assertThat(first.getStage()).isEqualTo("test");
            assertThat(first.getOriginalValue().array()).isEqualTo(poison);
            assertThat(dead.get(1).value().getReason()).contains("Prompt");
        }
    }

    @Test
    void givenPoisonThatHasALetterWhenReadAgainByWhomeverThenThereIsNoSecondLetter() {
        RunContext run = cluster.run("pediatrics");
        String topic = run.kafka().topic(Topics.GROUP_OUTCOMES);
        try (var raw = rawProducer(run);
                var old = run.kafka().producer("test")) {
            for (int i = 0; i < 3; i++) {
                var unused = raw.send(new ProducerRecord<>(topic, "bad", new byte[] {1, 2, 3}));
            }
            raw.flush();
            // given a letter of version 0.1, under the key of its record
            DeadLetter letter = DeadLetter.newBuilder()
                    .setStage("monitor")
                    .setReason("test")
                    .setTopic(topic)
                    .setPartition(0)
                    .setOffset(0)
                    .setCreatedMs(1)
                    .build();
            send(old, run, Topics.DEAD_LETTERS, "bad", letter);
        }

        // when
        for (String stage : List.of("scheduler", "scheduler", "learner")) {
            try (var letters = new DeadLetters(run.kafka(), stage);
                    var first = outcomes(run, letters);
                    var second = outcomes(run, letters)) {
                readUntilCaughtUp(first);
                readUntilCaughtUp(second);
            }
        }

        // then
        try (var letters = reader(run, Topics.DEAD_LETTERS, DeadLetter.class)) {
            assertThat(readUntilCaughtUp(letters))
                    .extracting(record -> record.key() + " " + record.value().getStage() + " at "
                            + record.value().getOffset())
                    .containsExactly("bad monitor at 0", topic + "/0/1 scheduler at 1", topic + "/0/2 scheduler at 2");
        }
    }

    @Test
    void givenARecordThatNoLetterCanHoldWhenReadThenAPieceIsKeptAndReadingGoesOn() {
        RunContext run = cluster.run("pediatrics");
        byte[] zeros = new byte[6 << 20];
        byte[] longest = new byte[4 << 20];
        String longKey = "k".repeat(5 << 20);
        Map<String, Object> compressing = run.kafka().connectionProperties();
        compressing.put("compression.type", "lz4");
        compressing.put("max.request.size", 16 << 20);
        String topic = run.kafka().topic(Topics.GROUP_OUTCOMES);
        try (var raw = new KafkaProducer<>(compressing, new StringSerializer(), new ByteArraySerializer());
                var producer = run.kafka().producer("test");
                var reader = reader(run, Topics.GROUP_OUTCOMES, GroupOutcome.class);
                var letters = reader(run, Topics.DEAD_LETTERS, DeadLetter.class)) {
            for (var record : List.of(
                    new ProducerRecord<>(topic, "zeros", zeros),
                    new ProducerRecord<>(topic, "longest", longest),
                    new ProducerRecord<>(topic, longKey, new byte[] {1}))) {
                var unused = raw.send(record);
            }
            raw.flush();
            send(producer, run, Topics.GROUP_OUTCOMES, "g1", RunRecords.outcome("g1", Outcome.TRAINED));

            assertThat(readUntilCaughtUp(reader))
                    .extracting(ConsumerRecord::key)
                    .containsExactly("g1");

            List<DeadLetter> dead = readUntilCaughtUp(letters).stream()
                    .map(ConsumerRecord::value)
                    .toList();
            assertThat(dead)
                    .extracting(letter -> letter.getTopic() + "/" + letter.getPartition() + "/" + letter.getOffset())
                    .containsExactly(topic + "/0/0", topic + "/0/1", topic + "/0/2");
            assertThat(dead.get(0).getReason()).contains("6291456 bytes");
            assertThat(dead).extracting(DeadLetter::getValueBytes).containsExactly(6L << 20, 4L << 20, 1L);
            assertThat(dead)
                    .extracting(DeadLetter::getValueSha256)
                    .containsExactly(
                            DigestUtils.sha256Hex(zeros),
                            DigestUtils.sha256Hex(longest),
                            DigestUtils.sha256Hex(new byte[] {1}));
            assertThat(dead)
                    .extracting(letter -> letter.getOriginalValue().remaining())
                    .containsExactly(64 << 10, 64 << 10, 1);
            assertThat(dead)
                    .extracting(letter -> letter.getOriginalKey().remaining())
                    .containsExactly(5, 7, 64 << 10);
        }
    }

    @Test
    void givenTransactionsWhenReadThenAbortedRecordsAreAbsentAndMarkersArePassed() {
        RunContext run = cluster.run("pediatrics");
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("learner"));
                var reader = reader(run, Topics.POLICY_UPDATES, ai.consilium.schemas.PolicyUpdate.class)) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, run, Topics.POLICY_UPDATES, "pediatrics", RunRecords.update("pediatrics", 0, 1, 1));
            producer.commitTransaction();
            producer.beginTransaction();
            send(producer, run, Topics.POLICY_UPDATES, "pediatrics", RunRecords.update("pediatrics", 1, 1, 1));
            producer.abortTransaction();
            producer.beginTransaction();
            send(producer, run, Topics.POLICY_UPDATES, "pediatrics", RunRecords.update("pediatrics", 2, 1, 1));
            producer.commitTransaction();

            assertThat(readUntilCaughtUp(reader))
                    .extracting(record -> record.value().getVersion())
                    .containsExactly(0L, 2L);
            assertThat(reader.position(0)).isEqualTo(6);
        }
    }

    @Test
    void givenAnOffsetWhenOpenedThenReadingStartsThere() {
        RunContext run = cluster.run("pediatrics");
        try (var producer = run.kafka().producer("test")) {
            for (int i = 0; i < 3; i++) {
                send(producer, run, Topics.GROUP_OUTCOMES, "k" + i, RunRecords.outcome("g" + i, Outcome.UNUSED));
            }
        }
        try (var letters = new DeadLetters(run.kafka(), "test");
                var reader = new LogReader<>(
                        run.kafka(), Topics.GROUP_OUTCOMES, GroupOutcome.class, letters, 0, Map.of(0, 2L))) {
            assertThat(readUntilCaughtUp(reader))
                    .extracting(ConsumerRecord::key)
                    .containsExactly("k2");
        }
    }

    @Test
    void givenAnOffsetThatTheLogHasLostWhenOpenedThenItIsRefusedByName() {
        RunContext run = cluster.run("pediatrics");
        try (var producer = run.kafka().producer("test");
                var letters = new DeadLetters(run.kafka(), "test")) {
            send(producer, run, Topics.GROUP_OUTCOMES, "k", RunRecords.outcome("g", Outcome.UNUSED));

            assertThatThrownBy(() -> new LogReader<>(
                            run.kafka(), Topics.GROUP_OUTCOMES, GroupOutcome.class, letters, 0, Map.of(0, 2L)))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("has offsets 0 to 1, but reading would continue at 2");
        }
    }

    @Test
    void givenASecondHolderOfATransactionalIdWhenItStartsThenTheFirstIsFenced() {
        RunContext run = cluster.run("pediatrics");
        String id = run.kafka().group("scheduler");
        try (var first = run.kafka().transactionalProducer(id);
                var second = run.kafka().transactionalProducer(id)) {
            first.initTransactions();
            first.beginTransaction();
            send(first, run, Topics.PROMPTS, "g1", RunRecords.prompt("g1", "pediatrics"));
            second.initTransactions();
            assertThatThrownBy(first::commitTransaction)
                    .isInstanceOfAny(ProducerFencedException.class, InvalidProducerEpochException.class);
        }
    }

    @Test
    void givenAShareGroupWhenTransactionsAbortThenOnlyCommittedPromptsAreHandedOut() {
        RunContext run = cluster.run("pediatrics");
        try (var producer = run.kafka().transactionalProducer(run.kafka().group("scheduler"));
                ShareConsumer<String, Decoded<Prompt>> worker =
                        run.kafka().shareConsumer(Prompt.class, run.kafka().group("rollout"), 1)) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, run, Topics.PROMPTS, "aborted", RunRecords.prompt("aborted", "pediatrics"));
            producer.flush();
            producer.abortTransaction();
            producer.beginTransaction();
            send(producer, run, Topics.PROMPTS, "a", RunRecords.prompt("a", "pediatrics"));
            send(producer, run, Topics.PROMPTS, "b", RunRecords.prompt("b", "pediatrics"));
            producer.commitTransaction();

            worker.subscribe(List.of(run.kafka().topic(Topics.PROMPTS)));
            List<String> taken = new ArrayList<>();
            await().atMost(SOON).until(() -> {
                var polled = worker.poll(Duration.ofMillis(200));
                assertThat(polled.count()).isLessThanOrEqualTo(1);
                polled.forEach(record -> {
                    taken.add(record.key());
                    worker.acknowledge(record, AcknowledgeType.ACCEPT);
                });
                return taken.size() == 2;
            });
            assertThat(taken).containsExactlyInAnyOrder("a", "b");
        }
    }

    private static LogReader<GroupOutcome> outcomes(RunContext run, DeadLetters letters) {
        return new LogReader<>(run.kafka(), Topics.GROUP_OUTCOMES, GroupOutcome.class, letters, null, Map.of());
    }

    private <T extends SpecificRecord> LogReader<T> reader(RunContext run, Topics topic, Class<T> type) {
        return reader(run.kafka(), topic, type);
    }

    private <T extends SpecificRecord> LogReader<T> reader(KafkaClients clients, Topics topic, Class<T> type) {
        DeadLetters letters = new DeadLetters(clients, "test");
        opened.add(letters);
        return new LogReader<>(clients, topic, type, letters, null, Map.of());
    }

    private static <T extends SpecificRecord> List<ConsumerRecord<String, T>> readUntilCaughtUp(LogReader<T> reader) {
        List<ConsumerRecord<String, T>> read = new ArrayList<>();
        await().atMost(SOON).until(() -> {
            read.addAll(reader.poll(Duration.ofMillis(100)));
            return reader.caughtUp();
        });
        return read;
    }

    private static void send(
            Producer<String, SpecificRecord> producer, RunContext run, Topics topic, String key, SpecificRecord value) {
        var unused = producer.send(new ProducerRecord<>(run.kafka().topic(topic), key, value));
        producer.flush();
    }

    private static byte[] promptBytes(RunContext run) {
        return run.kafka()
                .serde(Prompt.class)
                .serializer()
                .serialize(run.kafka().topic(Topics.PROMPTS), RunRecords.prompt("wrong", "pediatrics"));
    }

    private static KafkaProducer<String, byte[]> rawProducer(RunContext run) {
        return new KafkaProducer<>(
                run.kafka().connectionProperties(), new StringSerializer(), new ByteArraySerializer());
    }
}
