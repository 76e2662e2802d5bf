package ai.consilium.platform.kafka;

import ai.consilium.schemas.PolicyUpdate;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Adapters on the log: written as chunks before the update that names them, fetched by that update. */
public final class AdapterLog {
    /** Largest piece of a file in one record. */
    public static final int CHUNK_BYTES = 1 << 20;

    /** For one run's specialties. */
    public AdapterLog(KafkaClients clients, List<String> specialties) {
        throw new UnsupportedOperationException("stub");
    }

    /** Records that carry a safetensors file; send them, then the update (best in one transaction). */
    public List<ProducerRecord<String, SpecificRecord>> chunks(String specialty, long version, byte[] safetensors) {
        throw new UnsupportedOperationException("stub");
    }

    /** Sends tombstones for a version's chunks. */
    public void tombstone(Producer<String, SpecificRecord> producer, PolicyUpdate update) {
        throw new UnsupportedOperationException("stub");
    }

    /**
     * The safetensors file that an update names, its hash checked.
     *
     * @return empty when the version's chunks are gone (tombstoned)
     * @throws IllegalStateException when the bytes are not those that the chunks promise
     */
    public Optional<byte[]> fetch(PolicyUpdate update) {
        throw new UnsupportedOperationException("stub");
    }
}
