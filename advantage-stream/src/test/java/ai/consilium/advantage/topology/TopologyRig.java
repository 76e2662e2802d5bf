package ai.consilium.advantage.topology;

import ai.consilium.advantage.AdvantageRecords;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.RecordedLog;
import io.confluent.kafka.schemaregistry.testutil.MockSchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;

/** The topology with hands on its inputs and outputs, on a clock that only the test moves. */
public final class TopologyRig implements AutoCloseable {
    static final Duration TICK = Duration.ofSeconds(1);
    static final Duration RETENTION = Duration.ofHours(1);

    private static final RecordSerdes SERDES = new MockSerdes();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TopologyTestDriver driver;
    /** What the log would answer. */
    boolean unread;
    /** Whether reward services would still have to score what lies on the log. */
    boolean scoresToCome;
    /** Processes that were asked about with it. */
    final Set<String> awaited = new TreeSet<>();

    public TopologyRig() {
        this(AdvantageRecords.SPECIALTIES);
    }

    public TopologyRig(List<String> specialties) {
        AdvantageTopology.Setting setting = new AdvantageTopology.Setting(
                topic -> topic.name("run"),
                PolicyTable.of(specialties),
                "advantage/test",
                TICK,
                RETENTION,
                SERDES,
                Stores::inMemoryKeyValueStore,
                () -> new UnreadInput() {
                    @Override
                    public boolean any(int partition, Map<String, Long> next) {
                        return unread;
                    }

                    @Override
                    public boolean scoresToCome(int partition, String groupId, Set<String> processes) {
                        awaited.addAll(processes);
                        return scoresToCome;
                    }
                },
                new GroupMetrics(registry));
        Properties properties = new Properties();
        properties.put("application.id", "bench");
        properties.put("bootstrap.servers", "none:1");
        driver = new TopologyTestDriver(new AdvantageTopology(setting).build(), properties, Instant.ofEpochMilli(0));
    }

    /** A bench on which the scoring configuration "config" is published. */
    public static TopologyRig ready() {
        TopologyRig bench = new TopologyRig();
        bench.send(Topics.SCORING_CONFIGS, "config", AdvantageRecords.config("config"));
        return bench;
    }

    public void send(Prompt prompt) {
        send(Topics.PROMPTS, prompt.getGroupId(), prompt);
    }

    public void send(Trajectory trajectory) {
        send(Topics.TRAJECTORIES, trajectory.getGroupId(), trajectory);
    }

    public void send(Scores scores) {
        send(Topics.SCORES, scores.getGroupId(), scores);
    }

    void sendMember(String group, int sample) {
        send(AdvantageRecords.trajectory(group, sample));
        send(AdvantageRecords.scores(group, sample));
    }

    void sendConfig(ScoringConfig config) {
        send(Topics.SCORING_CONFIGS, config.getHash(), config);
    }

    public void send(Topics topic, String key, SpecificRecord value) {
        String name = topic.name("run");
        sendBytes(topic, key, SERDES.plain(SpecificRecord.class).serializer().serialize(name, value));
    }

    public void sendBytes(Topics topic, String key, byte[] value) {
        driver.createInputTopic(topic.name("run"), new StringSerializer(), new ByteArraySerializer())
                .pipeInput(key, value);
    }

    /** Registers recorded schemas where this bench reads, under its topics. */
    public static RecordedLog register(RecordedLog log) {
        return log.registeredIn(MockSchemaRegistry.getClientForScope("advantage"), "run");
    }

    void pass(Duration time) {
        driver.advanceWallClockTime(time);
    }

    public List<TrainingGroup> groups() {
        return read(Topics.TRAINING_GROUPS, TrainingGroup.class);
    }

    /** The groups with their keys. */
    List<TestRecord<String, TrainingGroup>> keyedGroups() {
        return driver.createOutputTopic(
                        Topics.TRAINING_GROUPS.name("run"),
                        new StringDeserializer(),
                        SERDES.plain(TrainingGroup.class).deserializer())
                .readRecordsToList();
    }

    /** The groups as they lie on the log. */
    public List<byte[]> groupBytes() {
        return driver.createOutputTopic(
                        Topics.TRAINING_GROUPS.name("run"), new StringDeserializer(), new ByteArrayDeserializer())
                .readValuesToList();
    }

    /** A group as it lies on the log, read. */
    public TrainingGroup decoded(byte[] group) {
        return SERDES.plain(TrainingGroup.class).deserializer().deserialize("groups", group);
    }

    List<GroupOutcome> outcomes() {
        return read(Topics.GROUP_OUTCOMES, GroupOutcome.class);
    }

    public List<DeadLetter> letters() {
        return read(Topics.DEAD_LETTERS, DeadLetter.class);
    }

    private <T extends SpecificRecord> List<T> read(Topics topic, Class<T> type) {
        return driver.createOutputTopic(
                        topic.name("run"),
                        new StringDeserializer(),
                        SERDES.plain(type).deserializer())
                .readValuesToList();
    }

    double counted(String meter) {
        return registry.get(meter).counter().count();
    }

    /** Entries in all stores but those of closed groups' marks. */
    long stateEntries() {
        return List.of("open-prompts", "attempts", "member-trajectories", "member-scores", "early-records").stream()
                .mapToLong(store -> driver.getKeyValueStore(store).approximateNumEntries())
                .sum();
    }

    long marks() {
        return driver.getKeyValueStore("closed-groups").approximateNumEntries();
    }

    @Override
    public void close() {
        driver.close();
    }
}
