package ai.consilium.tracking.tensorboard;

import ai.consilium.tracking.lines.MetricLine;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The bytes of TensorBoard's event files: TFRecords (length, masked CRC-32C of the length, data, masked CRC-32C of the data; all
 * little-endian) that hold protocol buffers of tensorflow/core/util/event.proto. Of these only scalars are written: an Event has
 * wall_time = 1, step = 2, file_version = 3, summary = 5; a Summary's value = 1 has tag = 1 and simple_value = 2.
 */
final class EventRecords {
    private static final String VERSION = "brain.Event:2";
    private static final int MASK_DELTA = 0xa282ead8;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private EventRecords() {}

    /** What a file begins with. @param seconds since the epoch */
    static byte[] head(double seconds) {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        fixed64(event, 1, Double.doubleToRawLongBits(seconds));
        bytes(event, 3, VERSION.getBytes(StandardCharsets.UTF_8));
        return record(event.toByteArray());
    }

    /** The figures of a line, as one event at the step of its version. */
    static byte[] scalars(MetricLine line) {
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        line.figures().forEach((name, figure) -> {
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            bytes(value, 1, name.getBytes(StandardCharsets.UTF_8));
            key(value, 2, FIXED32);
            little(value, Float.floatToRawIntBits(figure.floatValue()), Integer.BYTES);
            bytes(summary, 1, value.toByteArray());
        });
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        fixed64(event, 1, Double.doubleToRawLongBits(line.createdMs() / 1000.0));
        key(event, 2, VARINT);
        varint(event, line.version());
        bytes(event, 5, summary.toByteArray());
        return record(event.toByteArray());
    }

    private static byte[] record(byte[] data) {
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(data.length)
                .array();
        return ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(length)
                .putInt(masked(length))
                .put(data)
                .putInt(masked(data))
                .array();
    }

    /** TensorFlow's masked checksum: a checksum of bytes that hold checksums would be weak. */
    static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }

    private static void fixed64(ByteArrayOutputStream out, int field, long bits) {
        key(out, field, FIXED64);
        little(out, bits, Long.BYTES);
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        key(out, field, BYTES);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void key(ByteArrayOutputStream out, int field, int type) {
        varint(out, (long) field << 3 | type);
    }

    private static void little(ByteArrayOutputStream out, long bits, int count) {
        for (int i = 0; i < count; i++) {
            out.write((int) (bits >>> 8 * i));
        }
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
