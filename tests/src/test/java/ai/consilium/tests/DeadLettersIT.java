package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code consilium dead-letters} shows and does. */
class DeadLettersIT {
    private static final byte[] POISON = "\u001b[2Jnot avro".getBytes(StandardCharsets.UTF_8);

    @WithKafka
    private static EmbeddedCluster cluster;

    private KafkaClients kafka;
    private String topic;

    @BeforeEach
    void makeRun() {
        RunContext run = cluster.run("pediatrics");
        kafka = run.kafka();
        topic = kafka.topic(Topics.GROUP_OUTCOMES);
    }

    @Test
    void givenARunWithoutDeadLettersWhenListedThenThatIsSaid() {
        CommandLineRun listed = command("list");

        assertThat(listed.code()).isZero();
        assertThat(listed.output()).containsExactly("0 dead letters");
    }

    @Test
    void givenDeadLettersWhenListedThenTheFiltersChoose() throws Exception {
        write("bad", POISON);
        write("worse", new byte[] {0, 0, 0, 0, 9});
        read("learner");

        assertThat(command("list").output())
                .hasSize(4)
                .anySatisfy(line ->
                        assertThat(line).matches("group-outcomes/0/0 .* learner +bad +12 +- +not a GroupOutcome.*"))
                .endsWith("2 dead letters");
        assertThat(command("list", "--limit", "1").output())
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).startsWith("group-outcomes/0/1 "))
                .endsWith("2 dead letters, the newest 1 shown (--limit)");
        assertThat(command("list", "--topic", "trajectories").text()).isEqualTo("0 dead letters\n");
        assertThat(command("list", "--stage", "learner", "--topic", "group-outcomes", "--since", "1h")
                        .text())
                .endsWith("2 dead letters\n");
        assertThat(command("list", "--reason", "nothing like it").text()).isEqualTo("0 dead letters\n");
        JsonNode json =
                new ObjectMapper().readTree(command("list", "-o", "json").text());
        assertThat(json.at("/shown/0/place").asText()).isEqualTo("group-outcomes/0/0");
        assertThat(json.at("/shown/0/whole").asBoolean()).isTrue();
        assertThat(command("list", "--since", "yesterday").told())
                .containsExactly("consilium: --since: 'yesterday' is no time such as 30s, 10m, 2h or 3d");
    }

    @Test
    void givenARecordWhenShownThenItIsSafeForTheTerminal() throws Exception {
        write("k\u001b[2Jey", POISON);
        write("g1", bytes(RunRecords.outcome("g1", Outcome.TRAINED)));
        read("learner");
        letter(1, "it came too late");

        CommandLineRun poison = command("show", "group-outcomes/0/0");
        CommandLineRun outcome = command("show", topic + "/0/1");

        assertThat(poison.text())
                .contains("key       k\\u001b[2Jey")
                .contains("header    trace: a\\u0007b")
                .contains("read from log")
                .contains("00000000  1b 5b 32 4a 6e 6f 74 20 61 76 72 6f")
                .contains(".[2Jnot avro")
                .doesNotContain("\u001b");
        assertThat(outcome.text()).contains("it came too late").contains("\"outcome\" : \"TRAINED\"");
        assertThat(command("show", "group-outcomes/0/7").told())
                .containsExactly(
                        "consilium: there is no dead letter of group-outcomes/0/7; consilium dead-letters list shows which there are");
        assertThat(command("show", "seven").told())
                .containsExactly("consilium: 'seven' is no topic/partition/offset, for example trajectories/0/17");
    }

    @Test
    void givenALetterWhenRedrivenThenTheSameBytesComeAgainOnce() throws Exception {
        byte[] good = bytes(RunRecords.outcome("g1", Outcome.TRAINED));
        write("g1", good);
        letter(0, "the host had another case file");

        assertThat(command("redrive", "group-outcomes/0/0", "--dry-run").output())
                .containsExactly("group-outcomes/0/0", "1 would be redriven");
        CommandLineRun first = command("redrive", "group-outcomes/0/0");
        CommandLineRun second = command("redrive", "group-outcomes/0/0");
        CommandLineRun all = command("redrive", "--all");

        assertThat(first.code()).isZero();
        assertThat(first.output()).containsExactly("group-outcomes/0/0 -> group-outcomes/0/1", "1 redriven");
        assertThat(second.code()).isEqualTo(1);
        assertThat(second.output())
                .containsExactly(
                        "group-outcomes/0/0 was redriven to group-outcomes/0/1; --again does it once more",
                        "0 redriven, 1 not");
        assertThat(all.output()).containsExactly("0 redriven");
        List<ConsumerRecord<String, GroupOutcome>> outcomes = outcomes();
        assertThat(outcomes).hasSize(2);
        assertThat(outcomes.get(1).value()).isEqualTo(outcomes.get(0).value());
        assertThat(outcomes.get(1).key()).isEqualTo("g1");
        assertThat(outcomes.get(1).headers())
                .extracting(header -> header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8))
                .containsExactly("trace=a\u0007b", "redriven-from=" + topic + "/0/0");
        assertThat(command("list").output()).endsWith("1 dead letter").anyMatch(line -> line.contains(" 1x "));

        assertThat(command("redrive", "--reason", "another case file", "--again")
                        .code())
                .isZero();
        assertThat(outcomes()).hasSize(3);
    }

    @Test
    void givenARecordThatIsNoLongerOnTheLogThenItsLetterIsEnoughUnlessItIsAPiece() throws Exception {
        byte[] good = bytes(RunRecords.outcome("g1", Outcome.TRAINED));
        write("g1", good);
        letter(0, "test");
        write("zeros", new byte[6 << 20]);
        read("learner");
        write("kept", bytes(RunRecords.outcome("g2", Outcome.TRAINED)));

        // while the log has them, both are written again as they were
        assertThat(command("redrive", "--all").output())
                .containsExactly(
                        "group-outcomes/0/0 -> group-outcomes/0/3",
                        "group-outcomes/0/1 -> group-outcomes/0/5",
                        "2 redriven");
        deleteBefore(2);

        CommandLineRun again = command("redrive", "--all", "--again");

        assertThat(again.code()).isEqualTo(1);
        assertThat(again.output())
                .containsExactly(
                        "group-outcomes/0/0 -> group-outcomes/0/7",
                        "group-outcomes/0/1 is no longer on the log, and its letter keeps only the beginning of 6291456 bytes",
                        "1 redriven, 1 not");
        assertThat(command("show", "group-outcomes/0/0").text()).contains("read from letter");
        assertThat(command("show", "group-outcomes/0/1").text()).contains("read from piece");
    }

    @Test
    void givenNeitherRecordsNorFiltersThenNothingIsRedriven() {
        assertThat(command("redrive").told())
                .containsExactly("consilium: dead-letters redrive: give either records, or --all or filters");
        assertThat(command("redrive", "a/0/0", "--all").code()).isEqualTo(2);
    }

    private CommandLineRun command(String... arguments) {
        List<String> all = new ArrayList<>(List.of("dead-letters"));
        all.addAll(List.of(arguments));
        for (String set : List.of(
                "kafka.bootstrap.servers=" + cluster.bootstrapServers(),
                "schema_registry.url=" + cluster.registryUrl(),
                "run_id=" + kafka.settings().prefix())) {
            all.addAll(List.of("--set", set));
        }
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private byte[] bytes(GroupOutcome outcome) {
        return kafka.serde(GroupOutcome.class).serializer().serialize(topic, outcome);
    }

    private void write(String key, byte[] value) throws Exception {
        Map<String, Object> compressing = kafka.connectionProperties();
        compressing.put("compression.type", "lz4");
        compressing.put("max.request.size", 16 << 20);
        try (var raw = new KafkaProducer<>(compressing, new ByteArraySerializer(), new ByteArraySerializer())) {
            var record = new ProducerRecord<>(topic, 0, key.getBytes(StandardCharsets.UTF_8), value);
            record.headers().add("trace", "a\u0007b".getBytes(StandardCharsets.UTF_8));
            raw.send(record).get();
        }
    }

    /** Has a role read the topic, and so its poison go to the dead letters. */
    private void read(String stage) {
        try (DeadLetters letters = new DeadLetters(kafka, stage);
                LogReader<GroupOutcome> reader =
                        new LogReader<>(kafka, Topics.GROUP_OUTCOMES, GroupOutcome.class, letters, null, Map.of())) {
            do {
                reader.poll(Duration.ofMillis(100));
            } while (!reader.caughtUp());
        }
    }

    /** A letter about a record that can be read, as a role writes it that cannot use it. */
    private void letter(long offset, String reason) {
        try (DeadLetters letters = new DeadLetters(kafka, "reward");
                var consumer = kafka.consumer(GroupOutcome.class, null, Map.of())) {
            List<TopicPartition> one = List.of(new TopicPartition(topic, 0));
            consumer.assign(one);
            consumer.seek(one.get(0), offset);
            consumer.poll(Duration.ofSeconds(20)).records(topic).forEach(record -> {
                if (record.offset() == offset) {
                    letters.put(record, reason);
                }
            });
        }
    }

    private List<ConsumerRecord<String, GroupOutcome>> outcomes() {
        List<ConsumerRecord<String, GroupOutcome>> all = new ArrayList<>();
        TopicContent.records(kafka, Topics.GROUP_OUTCOMES, GroupOutcome.class, null, all::add);
        return all;
    }

    private void deleteBefore(long offset) throws Exception {
        try (var admin = kafka.admin()) {
            admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        }
    }
}
