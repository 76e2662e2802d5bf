package ai.consilium.tests;

import java.io.ByteArrayOutputStream;
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
import org.apache.kafka.common.utils.Utils;

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
        // A batch that was compressed is written as it is: longer.
        ByteArrayOutputStream out = new ByteArrayOutputStream(segment.length);
        for (MutableRecordBatch batch :
                MemoryRecords.readableRecords(ByteBuffer.wrap(segment)).batches()) {
            boolean holds = batch.baseOffset() <= offset && offset <= batch.lastOffset() && !batch.isControlBatch();
            out.writeBytes(holds ? rewritten(batch, offset) : copied(batch));
        }
        return out.toByteArray();
    }

    private static byte[] copied(MutableRecordBatch batch) {
        ByteBuffer same = ByteBuffer.allocate(batch.sizeInBytes());
        batch.writeTo(same);
        return same.array();
    }

    private static byte[] rewritten(RecordBatch batch, long offset) {
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
                byte[] bytes = Utils.toArray(record.value());
                if (record.offset() == offset) {
                    bytes[bytes.length - 1] ^= 2;
                }
                builder.appendWithOffset(
                        record.offset(), record.timestamp(), record.key(), ByteBuffer.wrap(bytes), record.headers());
            }
            return Utils.toArray(builder.build().buffer());
        }
    }
}
