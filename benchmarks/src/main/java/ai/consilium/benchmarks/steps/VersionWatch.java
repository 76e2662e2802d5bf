package ai.consilium.benchmarks.steps;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Versions of one policy as they are published. One thread only. */
final class VersionWatch implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final String policy;
    private final LogReader<PolicyUpdate> reader;
    private final Map<Long, PolicyUpdate> seen = new TreeMap<>();

    VersionWatch(KafkaClients kafka, String policy) {
        this.policy = policy;
        this.reader = new LogReader<>(
                kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, UnusableRecords.LOGGED, null, Map.of());
    }

    /** Waits for a version. @param meanwhile runs now and then */
    PolicyUpdate await(long version, Runnable meanwhile) {
        PolicyUpdate found = seen.get(version);
        while (found == null) {
            meanwhile.run();
            reader.poll(POLL).stream()
                    .map(record -> record.value())
                    .filter(update -> update.getSpecialty().equals(policy))
                    .forEach(update -> seen.put(update.getVersion(), update));
            found = seen.get(version);
        }
        return found;
    }

    @Override
    public void close() {
        reader.close();
    }
}
