package ai.consilium.platform.adapter;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.AdapterChunk;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The records that put an adapter on the log, in chunks, and that remove it again. */
public final class AdapterRecords {
    /** Largest piece of a file in one record. */
    public static final int CHUNK_BYTES = 1 << 20;

    private final PolicyTable policies;
    private final Supplier<MessageDigest> digest;
    private final String topic;

    /**
     * For one run's policies.
     *
     * @param digest SHA-256 of files, of half a gigabyte where the model is large
     */
    public AdapterRecords(KafkaClients clients, PolicyTable policies, Supplier<MessageDigest> digest) {
        this.policies = policies;
        this.digest = digest;
        this.topic = clients.topic(Topics.ADAPTERS);
    }

    /** Records that carry a safetensors file; send them, then the update (best in one transaction). */
    public List<ProducerRecord<String, SpecificRecord>> chunks(String specialty, long version, byte[] safetensors) {
        if (safetensors.length == 0) {
            throw new IllegalArgumentException("adapter " + specialty + " version " + version + " has no bytes");
        }
        int partition = policies.partition(specialty);
        int count = (safetensors.length + CHUNK_BYTES - 1) / CHUNK_BYTES;
        String hash = new DigestUtils(digest.get()).digestAsHex(safetensors);
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

    /** SHA-256 (hex) of the file that chunks carry. */
    public static String fileSha256(List<ProducerRecord<String, SpecificRecord>> chunks) {
        return ((AdapterChunk) chunks.get(0).value()).getFileSha256();
    }

    /** Tombstones for the chunks of a version. */
    public List<ProducerRecord<String, SpecificRecord>> tombstones(PolicyUpdate update) {
        String specialty = update.getSpecialty();
        int partition = policies.partition(specialty);
        return IntStream.range(0, update.getChunks())
                .mapToObj(index -> new ProducerRecord<String, SpecificRecord>(
                        topic, partition, key(specialty, update.getVersion(), index), null))
                .toList();
    }

    private static String key(String specialty, long version, int index) {
        return specialty + "/" + version + "/" + index;
    }
}
