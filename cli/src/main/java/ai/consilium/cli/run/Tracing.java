package ai.consilium.cli.run;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.telemetry.Telemetry;
import java.util.Optional;

/**
 * Clients whose records are traced if {@code telemetry.otlp} is set; closing sends what is left.
 *
 * @param kafka the clients as they were, if nothing is traced
 */
public record Tracing(KafkaClients kafka, Optional<Telemetry> telemetry) implements AutoCloseable {
    /** @param role of the process */
    public static Tracing of(ConsiliumConfig config, KafkaClients kafka, String runId, String role, String instance) {
        if (!config.telemetry().wanted()) {
            return new Tracing(kafka, Optional.empty());
        }
        Telemetry telemetry = new Telemetry(config.telemetry(), runId, role, instance);
        return new Tracing(kafka.traced(telemetry), Optional.of(telemetry));
    }

    @Override
    public void close() {
        telemetry.ifPresent(Telemetry::close);
    }
}
