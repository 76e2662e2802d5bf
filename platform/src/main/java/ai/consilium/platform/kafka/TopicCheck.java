package ai.consilium.platform.kafka;

import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whether a topic that somebody made beforehand can carry what a run writes to it. A topic that forgets too early, keeps only the
 * newest record of a key, or refuses large records would lose what a resume needs, weeks after the start.
 */
final class TopicCheck {
    /** Kafka's own default, and long enough for a weekend's outage. */
    private static final long SHORTEST_RETENTION_MS = 7 * 24 * 60 * 60 * 1000L;

    private static final String CLEANUP = "cleanup.policy";
    private static final String RETENTION = "retention.ms";
    private static final String BYTES = "retention.bytes";
    private static final String RECORD = "max.message.bytes";
    private static final String IN_SYNC = "min.insync.replicas";

    private TopicCheck() {}

    /**
     * What is wrong, each with the key, what it is and what is wanted.
     *
     * @param replicas of each partition
     * @param configuration value of a key; null where the broker does not tell
     */
    static List<String> problems(Topics topic, int replicas, Function<String, @Nullable String> configuration) {
        List<String> problems = new ArrayList<>();
        String cleanup = topic.cleanup().policy();
        String found = configuration.apply(CLEANUP);
        if (found != null && !Set.of(found.split(",")).equals(Set.of(cleanup))) {
            problems.add(wanted(CLEANUP, found, cleanup));
        }
        number(configuration, RECORD, problems, KafkaClients.MAX_RECORD_BYTES, false);
        // What is superseded in seconds may go whenever the broker likes.
        if (topic.cleanup() != Topics.Cleanup.COMPACT && topic.cleanup() != Topics.Cleanup.BRIEF) {
            boolean forever = topic.cleanup() == Topics.Cleanup.KEEP;
            number(configuration, RETENTION, problems, forever ? Long.MAX_VALUE : SHORTEST_RETENTION_MS, true);
            number(configuration, BYTES, problems, Long.MAX_VALUE, true);
        }
        String inSync = configuration.apply(IN_SYNC);
        if (inSync != null && Integer.parseInt(inSync) > replicas) {
            problems.add(IN_SYNC + " is " + inSync + ", and partitions have " + replicas
                    + (replicas == 1 ? " replica" : " replicas") + ": nothing could be written");
        }
        return problems;
    }

    /** @param endless whether -1 means that there is no bound */
    private static void number(
            Function<String, @Nullable String> configuration,
            String key,
            List<String> problems,
            long least,
            boolean endless) {
        String found = configuration.apply(key);
        if (found == null || endless && found.equals("-1") || Long.parseLong(found) >= least) {
            return;
        }
        problems.add(
                wanted(key, found, least == Long.MAX_VALUE ? "-1" : least + " or more" + (endless ? ", or -1" : "")));
    }

    private static String wanted(String key, String found, String wanted) {
        return key + " is " + found + ", wanted " + wanted;
    }
}
