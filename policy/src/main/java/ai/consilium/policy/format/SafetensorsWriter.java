package ai.consilium.policy.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Writes the safetensors format tensor by tensor in name order, so that no more than one need be in memory. */
public final class SafetensorsWriter {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CHUNK = 1 << 20;

    private SafetensorsWriter() {}

    /**
     * How a tensor is stored.
     *
     * @param brief BF16, rounded to the nearest; else F32
     */
    public record Form(long[] shape, boolean brief) {
        /** Bytes of its values. */
        public long bytes() {
            long size = brief ? 2 : 4;
            for (long dimension : shape) {
                size = Math.multiplyExact(size, dimension);
            }
            return size;
        }
    }

    /** Writes the values of a tensor as its form says. */
    @FunctionalInterface
    public interface Body {
        /** Writes all of {@link Form#bytes}. */
        void write(String tensor, Form form, OutputStream out) throws IOException;
    }

    /** Writes header and tensors; the stream stays open. */
    public static void write(
            OutputStream out,
            SortedMap<String, Form> forms,
            Map<String, String> metadata,
            Function<String, HostTensor> tensors)
            throws IOException {
        stream(out, forms, metadata, (tensor, form, to) -> values(to, tensors.apply(tensor), form));
    }

    /** The same of tensors that need not be in memory as a whole. */
    public static void stream(OutputStream out, SortedMap<String, Form> forms, Map<String, String> metadata, Body body)
            throws IOException {
        out.write(header(forms, metadata));
        for (Map.Entry<String, Form> entry : forms.entrySet()) {
            body.write(entry.getKey(), entry.getValue(), out);
        }
    }

    private static byte[] header(SortedMap<String, Form> forms, Map<String, String> metadata) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode notes = root.putObject("__metadata__");
        new TreeMap<>(metadata).forEach(notes::put);
        notes.put("format", "pt");
        long offset = 0;
        for (Map.Entry<String, Form> entry : forms.entrySet()) {
            Form form = entry.getValue();
            ObjectNode node = root.putObject(entry.getKey()).put("dtype", form.brief() ? "BF16" : "F32");
            for (long dimension : form.shape()) {
                node.withArray("shape").add(dimension);
            }
            node.putArray("data_offsets").add(offset).add(offset + form.bytes());
            offset += form.bytes();
        }
        byte[] json = root.toString().getBytes(UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(padded).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.array();
    }

    /** Writes the values of a tensor as a form says. */
    public static void values(OutputStream out, HostTensor tensor, Form form) throws IOException {
        float[] values = tensor.values();
        boolean brief = form.brief();
        ByteBuffer buffer =
                ByteBuffer.allocate(4 * Math.min(values.length, CHUNK)).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += CHUNK) {
            int count = Math.min(values.length - from, CHUNK);
            buffer.clear();
            if (brief) {
                for (int i = from; i < from + count; i++) {
                    buffer.putShort(rounded(values[i]));
                }
            } else {
                // At once: an adapter is written after every step.
                buffer.asFloatBuffer().put(values, from, count);
            }
            out.write(buffer.array(), 0, count * (brief ? Short.BYTES : Float.BYTES));
        }
    }

    /** The upper half of the bits, to the nearest, ties to even; what is not a number stays so. */
    public static short rounded(float value) {
        int bits = Float.floatToIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
