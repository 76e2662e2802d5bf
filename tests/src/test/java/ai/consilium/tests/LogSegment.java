package ai.consilium.tests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Changes a record in the files of a broker that does not run, as somebody would who knows how to make the checksum fit. */
final class LogSegment {
    private LogSegment() {}

    /**
     * Changes the last byte of a record's value.
     *
     * @param kafka directory of the broker
     * @param place {@code training-groups/1@17}
     */
    static void alter(Path kafka, String place) throws IOException {
        String topic = place.substring(0, place.indexOf('/'));
        String partition = place.substring(place.indexOf('/') + 1, place.indexOf('@'));
        long offset = Long.parseLong(place.substring(place.indexOf('@') + 1));
        try (Stream<Path> files = Files.walk(kafka)) {
            List<Path> segments = files.filter(
                            file -> file.toString().matches(".*" + topic + "-" + partition + "/[0-9]+\\.log"))
                    .toList();
            for (Path segment : segments) {
                Files.write(segment, altered(Files.readAllBytes(segment), offset));
                // The broker makes them anew: batches have moved.
                String name = segment.getFileName().toString().replace(".log", "");
                Files.deleteIfExists(segment.resolveSibling(name + ".index"));
                Files.deleteIfExists(segment.resolveSibling(name + ".timeindex"));
            }
        }
    }

    private static byte[] altered(byte[] segment, long offset) {
        ByteBuffer out = ByteBuffer.allocate(segment.length + 4096);
        for (MutableRecordBatch batch :
                MemoryRecords.readableRecords(ByteBuffer.wrap(segment)).batches()) {
            boolean holds = batch.baseOffset() <= offset && offset <= batch.lastOffset() && !batch.isControlBatch();
            if (holds) {
                out.put(rewritten(batch, offset));
            } else {
                ByteBuffer same = ByteBuffer.allocate(batch.sizeInBytes());
                batch.writeTo(same);
                out.put(same.flip());
            }
        }
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    private static ByteBuffer rewritten(RecordBatch batch, long offset) {
        try (MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1 << 20),
                batch.magic(),
                Compression.NONE,
                batch.timestampType(),
                batch.baseOffset(),
                batch.maxTimestamp(),
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.isTransactional(),
                batch.partitionLeaderEpoch())) {
            for (Record record : batch) {
                ByteBuffer value = record.value();
                byte[] bytes = new byte[value.remaining()];
                value.get(bytes);
                if (record.offset() == offset) {
                    bytes[bytes.length - 1] ^= 2;
                }
                builder.appendWithOffset(
                        record.offset(), record.timestamp(), record.key(), ByteBuffer.wrap(bytes), record.headers());
            }
            return builder.build().buffer();
        }
    }
}
