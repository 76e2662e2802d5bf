package ai.consilium.platform.adapter;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.AdapterChunk;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Adapters on the log: written as chunks before the update that names them, fetched by that update. Remembers where the
 * chunks of the versions that it has met lie, so that each record is read once or twice. Thread-safe.
 */
public final class AdapterLog implements AutoCloseable {
    /** Largest piece of a file in one record. */
    public static final int CHUNK_BYTES = 1 << 20;

    private final KafkaClients clients;
    private final PolicyTable policies;
    private final String topic;
    private final Map<String, AdapterPartition> shelves = new HashMap<>();

    /** For one run's policies. */
    public AdapterLog(KafkaClients clients, PolicyTable policies) {
        this.clients = clients;
        this.policies = policies;
        this.topic = clients.topic(Topics.ADAPTERS);
    }

    /** Records that carry a safetensors file; send them, then the update (best in one transaction). */
    public List<ProducerRecord<String, SpecificRecord>> chunks(String specialty, long version, byte[] safetensors) {
        if (safetensors.length == 0) {
            throw new IllegalArgumentException("adapter " + specialty + " version " + version + " has no bytes");
        }
        int partition = policies.partition(specialty);
        int count = (safetensors.length + CHUNK_BYTES - 1) / CHUNK_BYTES;
        String hash = DigestUtils.sha256Hex(safetensors);
        List<ProducerRecord<String, SpecificRecord>> records = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            int from = index * CHUNK_BYTES;
            ByteBuffer piece = ByteBuffer.wrap(safetensors, from, Math.min(CHUNK_BYTES, safetensors.length - from))
                    .slice();
            AdapterChunk chunk = new AdapterChunk(specialty, version, index, count, hash, piece);
            records.add(new ProducerRecord<>(topic, partition, key(specialty, version, index), chunk));
        }
        return records;
    }

    /** Sends tombstones for a version's chunks. */
    public void tombstone(Producer<String, SpecificRecord> producer, PolicyUpdate update) {
        String specialty = update.getSpecialty();
        int partition = policies.partition(specialty);
        for (int index = 0; index < update.getChunks(); index++) {
            ProducerRecord<String, SpecificRecord> grave =
                    new ProducerRecord<>(topic, partition, key(specialty, update.getVersion(), index), null);
            // A lost tombstone keeps a version that nobody asks for; within a transaction the commit tells of it.
            var unused = producer.send(grave);
        }
    }

    /**
     * The safetensors file that an update names, its hash checked. Waits up to 10 s for chunks whose transaction is
     * committed on the update's partition and not yet on theirs.
     *
     * @return empty when the version's chunks are gone (tombstoned)
     * @throws IllegalStateException when the bytes are not those that the chunks promise
     */
    public Optional<byte[]> fetch(PolicyUpdate update) {
        return shelf(update.getSpecialty()).fetch(update);
    }

    private synchronized AdapterPartition shelf(String specialty) {
        return shelves.computeIfAbsent(
                specialty, name -> new AdapterPartition(clients, topic, policies.partition(name)));
    }

    static String key(String specialty, long version, int index) {
        return specialty + "/" + version + "/" + index;
    }

    @Override
    public synchronized void close() {
        shelves.values().forEach(AdapterPartition::close);
        shelves.clear();
    }
}
