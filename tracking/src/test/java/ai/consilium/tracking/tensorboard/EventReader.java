package ai.consilium.tracking.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Reads event files by their description, in its own way. */
final class EventReader {
    /** @param scalars by tag */
    record Event(double wallTime, long step, String fileVersion, Map<String, Float> scalars) {}

    private EventReader() {}

    static List<Event> read(byte[] file) {
        List<Event> events = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            byte[] head = new byte[8];
            in.get(head);
            assertThat(in.getInt()).isEqualTo(masked(head));
            byte[] data = new byte
                    [Math.toIntExact(
                            ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong())];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(masked(data));
            events.add(event(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)));
        }
        return events;
    }

    /** ((crc >> 15) | (crc << 17)) + 0xa282ead8, modulo 2^32. */
    private static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        long value = crc.getValue();
        return (int) ((value >> 15 | value << 17 & 0xffffffffL) + 0xa282ead8L);
    }

    private static Event event(ByteBuffer in) {
        double time = 0;
        long step = 0;
        String version = "";
        Map<String, Float> scalars = new TreeMap<>();
        while (in.hasRemaining()) {
            switch ((int) varint(in)) {
                case 1 << 3 | 1 -> time = in.getDouble();
                case 2 << 3 -> step = varint(in);
                case 3 << 3 | 2 -> version = new String(bytes(in), StandardCharsets.UTF_8);
                case 5 << 3 | 2 -> values(little(bytes(in)), scalars);
                default -> throw new AssertionError("another field");
            }
        }
        return new Event(time, step, version, scalars);
    }

    private static void values(ByteBuffer in, Map<String, Float> into) {
        while (in.hasRemaining()) {
            assertThat(varint(in)).isEqualTo(1 << 3 | 2);
            ByteBuffer value = little(bytes(in));
            assertThat(varint(value)).isEqualTo(1 << 3 | 2);
            String tag = new String(bytes(value), StandardCharsets.UTF_8);
            assertThat(varint(value)).isEqualTo(2 << 3 | 5);
            into.put(tag, value.getFloat());
        }
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[(int) varint(in)];
        in.get(bytes);
        return bytes;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = in.get();
            value |= (next & 0x7fL) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }
}
