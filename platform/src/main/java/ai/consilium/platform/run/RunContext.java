package ai.consilium.platform.run;

import ai.consilium.platform.kafka.KafkaClients;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/**
 * What every role of a run is given.
 *
 * @param runId name of the run
 * @param instance name of this process, unique in the run
 * @param specialties in configuration order: their index is their partition
 * @param kafka clients
 * @param metrics the process's meters
 */
public record RunContext(
        String runId, String instance, List<String> specialties, KafkaClients kafka, MeterRegistry metrics) {
    /** Copies the list. */
    public RunContext {
        specialties = List.copyOf(specialties);
    }
}
