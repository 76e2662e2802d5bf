package ai.consilium.advantage.topology;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.SourceRecord;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The topology: prompts, trajectories and scores in; training groups, group outcomes and dead letters out. The three inputs
 * are co-partitioned, so that a group is one task's business. Built apart from any cluster.
 */
public final class AdvantageTopology {
    /** The role's name, as commands, consumer groups and records give it. */
    public static final String ROLE = "advantage";

    private static final String GROUPS = "groups";
    private static final StringDeserializer KEYS = new StringDeserializer();

    private final Setting setting;

    public AdvantageTopology(Setting setting) {
        this.setting = setting;
    }

    /**
     * What the topology is built from.
     *
     * @param topics names on the broker
     * @param policies which policy has which partition of training-groups
     * @param writer role and instance, for the outcomes
     * @param tick how often deadlines are looked at
     * @param closedRetention how long a closed group is remembered, and how long a record may wait for its prompt
     * @param serdes of all records
     * @param stores backing of the state stores, by name
     * @param unread made once for each task
     * @param meters of the process
     */
    public record Setting(
            Function<Topics, String> topics,
            PolicyTable policies,
            String writer,
            Duration tick,
            Duration closedRetention,
            RecordSerdes serdes,
            Function<String, KeyValueBytesStoreSupplier> stores,
            Supplier<UnreadInput> unread,
            GroupMetrics meters) {

        /** Reads a trajectory from its bytes on the log. */
        Function<byte[], Trajectory> trajectories() {
            var deserializer = serdes.plain(Trajectory.class).deserializer();
            return bytes -> deserializer.deserialize(topics.apply(Topics.TRAJECTORIES), bytes);
        }

        /** Reads records that were kept aside, as they would have been read from their topics. */
        Function<SourceRecord, Decoded<? extends SpecificRecord>> keptAside() {
            var trajectories = serdes.decoded(Trajectory.class).deserializer();
            var scores = serdes.decoded(Scores.class).deserializer();
            return origin -> (origin.topic().equals(topics.apply(Topics.SCORES)) ? scores : trajectories)
                    .deserialize(origin.topic(), origin.value());
        }
    }

    public Topology build() {
        Topology topology = new Topology();
        source(topology, Topics.PROMPTS, Prompt.class);
        source(topology, Topics.TRAJECTORIES, Trajectory.class);
        source(topology, Topics.SCORES, Scores.class);
        topology.addProcessor(
                GROUPS, groups(), Topics.PROMPTS.baseName(), Topics.TRAJECTORIES.baseName(), Topics.SCORES.baseName());
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(GroupScoringRules.STORE),
                                Serdes.String(),
                                setting.serdes().plain(ScoringConfig.class))
                        .withLoggingDisabled(),
                Topics.SCORING_CONFIGS.baseName(),
                KEYS,
                setting.serdes().decoded(ScoringConfig.class).deserializer(),
                topic(Topics.SCORING_CONFIGS),
                "scoring-plans",
                GroupScoringRules.Loader::new);
        StreamPartitioner<String, TrainingGroup> byPolicy = (topic, policy, group, partitions) ->
                Optional.of(Set.of(setting.policies().partition(policy)));
        topology.addSink(
                GroupOutputs.GROUPS,
                topic(Topics.TRAINING_GROUPS),
                new StringSerializer(),
                setting.serdes().plain(TrainingGroup.class).serializer(),
                byPolicy,
                GROUPS);
        sink(topology, GroupOutputs.OUTCOMES, Topics.GROUP_OUTCOMES, GroupOutcome.class);
        sink(topology, GroupOutputs.LETTERS, Topics.DEAD_LETTERS, DeadLetter.class);
        return topology;
    }

    private ProcessorSupplier<String, Decoded<? extends SpecificRecord>, String, SpecificRecord> groups() {
        return new ProcessorSupplier<>() {
            @Override
            public GroupProcessor get() {
                return new GroupProcessor(setting);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return GroupStores.builders(setting.serdes(), setting.stores());
            }
        };
    }

    private <T extends SpecificRecord> void source(Topology topology, Topics input, Class<T> type) {
        topology.addSource(
                input.baseName(), KEYS, setting.serdes().decoded(type).deserializer(), topic(input));
    }

    private <T extends SpecificRecord> void sink(Topology topology, String name, Topics output, Class<T> type) {
        topology.addSink(
                name,
                topic(output),
                new StringSerializer(),
                setting.serdes().plain(type).serializer(),
                GROUPS);
    }

    private String topic(Topics topic) {
        return setting.topics().apply(topic);
    }
}
