package ai.consilium.platform.adapter;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.AdapterChunk;
import ai.consilium.schemas.PolicyUpdate;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One specialty's partition of the adapters: an index of chunk offsets that grows as the log is read. It begins with the oldest
 * version that was asked for: what lies before it may be gigabytes that nobody needs any more. A version that is new it finds by
 * reading on, not by asking the broker where the log ends: that answers a client's requests in order, and so not before the fetch
 * has ended that waits for what comes, half a second in which workers would sample by an older version. Thread-safe.
 */
final class AdapterPartition implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration POLL = Duration.ofMillis(100);

    private static final long NOWHERE = Long.MAX_VALUE;

    private static final Logger LOG = LoggerFactory.getLogger(AdapterPartition.class);
    /** Specialty, version, chunk. */
    private static final Pattern KEY = Pattern.compile(".+/(\\d{1,18})/\\d+");

    private final TopicPartition partition;
    private final Supplier<MessageDigest> digest;
    private final Consumer<String, Decoded<AdapterChunk>> consumer;
    /** Offset of each chunk of each version that lies on the log. */
    private final NavigableMap<Long, Map<Integer, Long>> offsets = new TreeMap<>();

    private final Set<Long> tombstoned = new HashSet<>();
    /** Where the index begins: records from here up to {@link #indexed} are in {@link #offsets}. */
    private long begin = NOWHERE;
    /** When the update was made that it begins with. */
    private long beginMs = NOWHERE;

    private long indexed;

    AdapterPartition(KafkaClients clients, String topic, int partition, Supplier<MessageDigest> digest) {
        this.partition = new TopicPartition(topic, partition);
        this.digest = digest;
        this.consumer = clients.consumer(AdapterChunk.class, null, Map.of("max.poll.records", 8));
        consumer.assign(List.of(this.partition));
    }

    synchronized Optional<byte[]> fetch(PolicyUpdate update) {
        Map<Integer, AdapterChunk> chunks = new HashMap<>();
        boolean older = update.getCreatedMs() < beginMs;
        if (older) {
            beginAt(start(update));
            beginMs = update.getCreatedMs();
        }
        // What is not new may have been removed since.
        boolean found = locate(update, chunks, older || complete(update) ? end() : indexed, PATIENCE);
        if (!found && begin > 0 && !tombstoned.contains(update.getVersion())) {
            // Somebody's clock was wrong, or it is gone since long. It was waited for already.
            beginAt(0);
            found = locate(update, chunks, end(), Duration.ZERO);
        }
        if (!found) {
            return Optional.empty();
        }
        if (chunks.size() < update.getChunks()) {
            readBack(update, chunks);
        }
        return chunks.size() == update.getChunks() ? Optional.of(assemble(update, chunks)) : Optional.empty();
    }

    /** Compaction leaves the beginning of a log where it was. */
    synchronized boolean truncated() {
        return end() == 0 || consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L) > 0;
    }

    /** Where to look for a version: its update was made just before its chunks were sent, by the same clock. */
    private long start(PolicyUpdate update) {
        OffsetAndTimestamp first = consumer.offsetsForTimes(Map.of(partition, Math.max(0, update.getCreatedMs())))
                .get(partition);
        if (first != null) {
            return first.offset();
        }
        return begin == NOWHERE ? 0 : begin;
    }

    private void beginAt(long offset) {
        if (offset < begin) {
            begin = offset;
            indexed = offset;
            offsets.clear();
            tombstoned.clear();
        }
    }

    private long end() {
        return consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    }

    /**
     * Indexes all up to an offset, and what follows up to the version if it may still come.
     *
     * @param patience how long to wait for what follows, from the last record on
     * @return false when it is gone
     */
    private boolean locate(PolicyUpdate update, Map<Integer, AdapterChunk> passed, long to, Duration patience) {
        consumer.seek(partition, indexed);
        long deadline = System.nanoTime() + patience.toNanos();
        while (indexed < to || (!complete(update) && !gone(update) && System.nanoTime() - deadline < 0)) {
            for (ConsumerRecord<String, Decoded<AdapterChunk>> record : consumer.poll(POLL)) {
                index(record, update.getVersion(), passed);
            }
            long read = consumer.position(partition);
            if (read > indexed) {
                indexed = read;
                deadline = System.nanoTime() + patience.toNanos();
            }
        }
        return complete(update);
    }

    private boolean complete(PolicyUpdate update) {
        return offsets.getOrDefault(update.getVersion(), Map.of()).size() == update.getChunks();
    }

    /** Tombstoned, or passed over: versions are published in order, and order is kept within the partition. */
    private boolean gone(PolicyUpdate update) {
        return tombstoned.contains(update.getVersion())
                || !offsets.tailMap(update.getVersion(), false).isEmpty();
    }

    private void index(
            ConsumerRecord<String, Decoded<AdapterChunk>> record, long wanted, Map<Integer, AdapterChunk> passed) {
        if (record.value() == null) {
            bury(record.key(), wanted, passed);
            return;
        }
        AdapterChunk chunk = record.value().value();
        if (chunk == null) {
            LOG.atWarn()
                    .addKeyValue("topic", record.topic())
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .log("{}", record.value().problem());
            return;
        }
        tombstoned.remove(chunk.getVersion());
        offsets.computeIfAbsent(chunk.getVersion(), version -> new TreeMap<>()).put(chunk.getIndex(), record.offset());
        if (chunk.getVersion() == wanted) {
            passed.put(chunk.getIndex(), chunk);
        }
    }

    private void bury(@Nullable String key, long wanted, Map<Integer, AdapterChunk> passed) {
        Matcher name = KEY.matcher(key == null ? "" : key);
        if (!name.matches()) {
            return;
        }
        long version = Long.parseLong(name.group(1));
        offsets.remove(version);
        tombstoned.add(version);
        if (version == wanted) {
            passed.clear();
        }
    }

    private void readBack(PolicyUpdate update, Map<Integer, AdapterChunk> chunks) {
        long first = offsets.getOrDefault(update.getVersion(), Map.of()).values().stream()
                .mapToLong(Long::longValue)
                .min()
                .orElse(indexed);
        consumer.seek(partition, first);
        while (chunks.size() < update.getChunks() && consumer.position(partition) < indexed) {
            for (ConsumerRecord<String, Decoded<AdapterChunk>> record : consumer.poll(POLL)) {
                AdapterChunk chunk =
                        record.value() == null ? null : record.value().value();
                if (chunk != null && chunk.getVersion() == update.getVersion()) {
                    chunks.put(chunk.getIndex(), chunk);
                }
            }
        }
    }

    private byte[] assemble(PolicyUpdate update, Map<Integer, AdapterChunk> chunks) {
        long bytes = chunks.values().stream()
                .mapToLong(chunk -> chunk.getData().remaining())
                .sum();
        ByteBuffer file = ByteBuffer.allocate(Math.toIntExact(bytes));
        String promised = "";
        for (int index = 0; index < update.getChunks(); index++) {
            AdapterChunk chunk = chunks.get(index);
            if (chunk == null) {
                throw new AdapterMismatchException(update, "chunk " + index + " is missing");
            }
            file.put(chunk.getData().duplicate());
            promised = chunk.getFileSha256();
        }
        byte[] whole = file.array();
        if (bytes != update.getAdapterBytes()
                || !new DigestUtils(digest.get()).digestAsHex(whole).equals(promised)) {
            throw new AdapterMismatchException(
                    update, "the chunks are not the " + update.getAdapterBytes() + " bytes with SHA-256 " + promised);
        }
        return whole;
    }

    @Override
    public synchronized void close() {
        KafkaClients.closeAtOnce(consumer);
    }
}
