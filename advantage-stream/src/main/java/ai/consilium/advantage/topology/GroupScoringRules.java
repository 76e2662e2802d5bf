package ai.consilium.advantage.topology;

import ai.consilium.advantage.group.GroupScoringRule;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.schemas.ScoringConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scoring configurations by hash. They are named by their content, so one that was read once never changes. */
final class GroupScoringRules {
    /** Name of the global store. */
    static final String STORE = "scoring-configs";

    private static final Logger LOG = LoggerFactory.getLogger(GroupScoringRules.class);

    private final KeyValueStore<String, ScoringConfig> configs;
    private final Map<String, GroupScoringRule> read = new HashMap<>();

    /** Reads the global store. */
    GroupScoringRules(ProcessorContext<?, ?> context) {
        configs = context.getStateStore(STORE);
    }

    /**
     * The plan of a configuration.
     *
     * @return empty when the configuration is not on the log yet: the global store is filled by another thread
     * @throws IllegalArgumentException when no group can be scored by it
     */
    Optional<GroupScoringRule> plan(String hash) {
        GroupScoringRule plan = read.get(hash);
        if (plan == null) {
            ScoringConfig config = configs.get(hash);
            if (config == null) {
                return Optional.empty();
            }
            plan = GroupScoringRule.of(config);
            read.put(hash, plan);
        }
        return Optional.of(plan);
    }

    /**
     * Fills the global store. Its processors cannot write to topics, so that an unreadable record is only logged; groups
     * that are stamped with it are abandoned by name.
     */
    static final class Loader implements Processor<String, Decoded<ScoringConfig>, Void, Void> {
        private KeyValueStore<String, ScoringConfig> configs;

        @SuppressWarnings("NullAway.Init") // Streams calls init before anything else.
        Loader() {}

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            configs = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, Decoded<ScoringConfig>> record) {
            Decoded<ScoringConfig> decoded = record.value();
            ScoringConfig config = decoded == null ? null : decoded.value();
            if (config != null && config.getHash().equals(record.key())) {
                configs.putIfAbsent(record.key(), config);
            } else {
                LOG.atWarn()
                        .addKeyValue("key", record.key())
                        .addKeyValue("problem", decoded == null ? "no value" : decoded.problem())
                        .log("scoring configuration ignored");
            }
        }
    }
}
