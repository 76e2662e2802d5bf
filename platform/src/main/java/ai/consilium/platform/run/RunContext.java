package ai.consilium.platform.run;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.RunManifest;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/**
 * What every role of a run is given.
 *
 * @param runId name of the run
 * @param instance name of this process, unique in the run
 * @param settings of the run, as this process knows them
 * @param kafka clients
 * @param metrics the process's meters
 */
public record RunContext(
        String runId, String instance, RunSettings settings, KafkaClients kafka, MeterRegistry metrics) {

    /** Of a run of which nothing but the specialties is known. */
    public RunContext(
            String runId, String instance, List<String> specialties, KafkaClients kafka, MeterRegistry metrics) {
        this(runId, instance, RunSettings.of(specialties), kafka, metrics);
    }

    /** The same under the partition table of the run's manifest. */
    public RunContext under(RunManifest manifest) {
        return new RunContext(runId, instance, settings.under(manifest), kafka, metrics);
    }

    /** Role and instance, as the writer field of records names them: "learner/a". */
    public String writer(String role) {
        return role + "/" + instance;
    }

    /** In configuration order. */
    public List<String> specialties() {
        return settings.policies().specialties();
    }

    /** Those that are trained in a round, in configuration order. */
    public List<String> specialties(int round) {
        return settings.policies().specialties(round);
    }

    /** Which policy has which partition. */
    public PolicyTable policies() {
        return settings.policies();
    }
}
