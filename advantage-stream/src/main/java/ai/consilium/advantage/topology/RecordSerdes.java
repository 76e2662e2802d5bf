package ai.consilium.advantage.topology;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Serdes of the topology, by record type. */
public interface RecordSerdes {

    /** For stores and sinks: throws on bad bytes. */
    <T extends SpecificRecord> Serde<T> plain(Class<T> type);

    /** For sources: yields the problem and the bytes instead of throwing. */
    <T extends SpecificRecord> Serde<Decoded<T>> decoded(Class<T> type);

    /** Those of a cluster's clients. */
    static RecordSerdes of(KafkaClients kafka) {
        return new RecordSerdes() {
            @Override
            public <T extends SpecificRecord> Serde<T> plain(Class<T> type) {
                return kafka.serde(type);
            }

            @Override
            public <T extends SpecificRecord> Serde<Decoded<T>> decoded(Class<T> type) {
                return kafka.decodedSerde(type);
            }
        };
    }
}
