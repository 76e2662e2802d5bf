package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code topics acls} grants is not more than a role needs; that it is enough shows {@link SeparateProcessesIT}. */
class RoleAclsIT {
    private static final String RUN_ID = "guarded";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    static Path directory;

    private static AuthenticatedCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = AuthenticatedCluster.start(directory.resolve("cluster"), RUN_ID);
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", cluster.kafka().bootstrapServers()))) {
            List<NewTopic> topics = Arrays.stream(Topics.values())
                    .map(topic -> new NewTopic(topic.name(RUN_ID), 1, (short) 1))
                    .toList();
            admin.createTopics(topics).all().get();
        }
        // A record in each topic: whoever may read gets it, whoever may not is told so.
        Map<String, Object> open = Map.of("bootstrap.servers", cluster.kafka().bootstrapServers());
        try (var producer = new KafkaProducer<>(open, new StringSerializer(), new StringSerializer())) {
            for (Topics topic : Topics.values()) {
                producer.send(new ProducerRecord<>(topic.name(RUN_ID), "key", "value"))
                        .get();
            }
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void givenARoleWhenItTouchesATopicThatIsNotItsOwnThenTheBrokerRefusesIt(Role role) {
        List<String> written = new ArrayList<>();
        List<String> read = new ArrayList<>();
        Map<String, Object> login = cluster.properties(role.label());
        try (var producer = new KafkaProducer<>(login, new StringSerializer(), new StringSerializer());
                var consumer = new KafkaConsumer<>(login, new StringDeserializer(), new StringDeserializer())) {
            for (Topics topic : Topics.values()) {
                if (mayWrite(producer, topic.name(RUN_ID))) {
                    written.add(topic.baseName());
                }
                if (mayRead(consumer, topic.name(RUN_ID))) {
                    read.add(topic.baseName());
                }
            }
        }
        assertThat(written)
                .isEqualTo(Arrays.stream(Topics.values())
                        .filter(topic -> topic.writers().contains(role.label()))
                        .map(Topics::baseName)
                        .toList());
        assertThat(read)
                .isEqualTo(Arrays.stream(Topics.values())
                        .filter(topic -> topic.readers().contains(role.label()))
                        .map(Topics::baseName)
                        .toList());
    }

    @Test
    void givenAnotherRolesTransactionsAndGroupsThenTheyCannotBeTakenOver() {
        Map<String, Object> properties = new HashMap<>(cluster.properties("rollout"));
        properties.put("transactional.id", RUN_ID + "-learner-pediatrics");
        try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            assertThatThrownBy(producer::initTransactions).isInstanceOf(TransactionalIdAuthorizationException.class);
        }
        Map<String, Object> reader = new HashMap<>(cluster.properties("learner"));
        reader.put("group.id", RUN_ID + "-reward");
        try (var consumer = new KafkaConsumer<>(reader, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(Topics.TRAINING_GROUPS.name(RUN_ID)));
            assertThatThrownBy(() -> consumer.poll(PATIENCE)).isInstanceOf(GroupAuthorizationException.class);
        }
    }

    @Test
    void givenTheCommandThenItPrintsThemInEveryForm() {
        String[] acls = {"topics", "acls", "--set", "run_id=" + RUN_ID, "--role", "learner", "-o"};
        assertThat(printed(acls, "table")).contains("learner    topic            guarded-adapters", "read, write");
        assertThat(printed(acls, "json")).contains("\"name\" : \"guarded-learner-\"");
        assertThat(printed(acls, "sh"))
                .contains("--allow-principal User:learner --operation Write --operation Describe"
                        + " --transactional-id guarded-learner- --resource-pattern-type prefixed");
        assertThat(printed(acls, "strimzi"))
                .contains("kind: KafkaUser", "name: guarded-learner", "type: transactionalId");
    }

    private static String printed(String[] acls, String form) {
        String[] arguments = Arrays.copyOf(acls, acls.length + 1);
        arguments[acls.length] = form;
        CommandLineRun run = CommandLineRun.of(arguments);
        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        return run.text();
    }

    private static boolean mayWrite(Producer<String, String> producer, String topic) {
        try {
            producer.send(new ProducerRecord<>(topic, "key", "value")).get();
            return true;
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(TopicAuthorizationException.class);
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean mayRead(Consumer<String, String> consumer, String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        consumer.assign(List.of(partition));
        try {
            consumer.seekToBeginning(List.of(partition));
            await().pollInSameThread()
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .until(() -> !consumer.poll(Duration.ofMillis(500)).isEmpty());
            return true;
        } catch (TopicAuthorizationException e) {
            return false;
        }
    }
}
