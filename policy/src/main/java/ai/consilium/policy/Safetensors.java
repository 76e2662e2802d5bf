package ai.consilium.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.consilium.policy.Adapter.HostTensor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The safetensors format: F32 and BF16 are read (as float32), F32 is written. Every length is checked before use. */
final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_HEADER = 100_000_000;

    /** Where a tensor lies: {@code start} is its first byte in the file, {@code brief} says BF16. */
    private record Entry(boolean brief, long[] shape, long start, long bytes) {}

    /** Bytes of a file, wherever they are. */
    private interface Source {
        ByteBuffer read(long start, long bytes) throws IOException;
    }

    private final String name;
    private final Source source;
    private final SortedMap<String, Entry> entries = new TreeMap<>();
    private final SortedMap<String, String> metadata = new TreeMap<>();

    private Safetensors(String name, long length, Source source) {
        this.name = name;
        this.source = source;
        try {
            readHeader(length);
        } catch (IOException e) {
            throw new ModelException(name + ": " + e.getMessage(), e);
        }
    }

    /** Opens a file. @throws ModelException naming it */
    static Safetensors open(Path file) {
        return new Safetensors(file.toString(), file.toFile().length(), (start, bytes) -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                return channel.map(FileChannel.MapMode.READ_ONLY, start, bytes).order(ByteOrder.LITTLE_ENDIAN);
            }
        });
    }

    /** Reads bytes, which errors call by the name. */
    static Safetensors of(byte[] file, String name) {
        return new Safetensors(
                name,
                file.length,
                (start, bytes) -> ByteBuffer.wrap(file)
                        .slice(Math.toIntExact(start), Math.toIntExact(bytes))
                        .order(ByteOrder.LITTLE_ENDIAN));
    }

    private void readHeader(long length) throws IOException {
        if (length < 8) {
            throw new ModelException(name + ": truncated: " + length + " bytes are no safetensors file");
        }
        long header = source.read(0, 8).getLong();
        if (header <= 1 || header > Math.min(LONGEST_HEADER, length - 8)) {
            throw new ModelException(name + ": truncated or no safetensors file: a header of " + header
                    + " bytes in a file of " + length);
        }
        JsonNode root;
        try {
            root = JSON.readTree(UTF_8.decode(source.read(8, header)).toString());
        } catch (JsonProcessingException e) {
            throw new ModelException(name + ": the header is no JSON: " + e.getOriginalMessage(), e);
        }
        root.path("__metadata__")
                .properties()
                .forEach(field -> metadata.put(field.getKey(), field.getValue().asText()));
        root.properties().forEach(field -> {
            if (!field.getKey().equals("__metadata__")) {
                entries.put(field.getKey(), entry(field.getKey(), field.getValue(), 8 + header, length));
            }
        });
    }

    private Entry entry(String tensor, JsonNode node, long base, long length) {
        String type = node.path("dtype").asText();
        if (!type.equals("F32") && !type.equals("BF16")) {
            throw new ModelException(name + ": tensor " + tensor + " is " + type + "; F32 and BF16 are supported");
        }
        long[] shape = new long[node.path("shape").size()];
        long size = type.equals("F32") ? 4 : 2;
        for (int i = 0; i < shape.length; i++) {
            shape[i] = node.path("shape").get(i).asLong(-1);
            if (shape[i] < 0 || shape[i] > Integer.MAX_VALUE || size > Integer.MAX_VALUE * 4L) {
                throw new ModelException(name + ": tensor " + tensor + " has the shape " + node.path("shape"));
            }
            size *= shape[i];
        }
        long start = node.path("data_offsets").path(0).asLong(-1);
        long end = node.path("data_offsets").path(1).asLong(-1);
        if (start < 0 || end - start != size) {
            throw new ModelException(name + ": tensor " + tensor + " needs " + size + " bytes, its offsets are "
                    + node.path("data_offsets"));
        }
        if (base + end > length) {
            throw new ModelException(name + ": truncated: tensor " + tensor + " ends at byte " + (base + end)
                    + " of a file of " + length);
        }
        return new Entry(type.equals("BF16"), shape, base + start, size);
    }

    /** Names and shapes. */
    SortedMap<String, long[]> shapes() {
        SortedMap<String, long[]> shapes = new TreeMap<>();
        entries.forEach((tensor, entry) -> shapes.put(tensor, entry.shape()));
        return shapes;
    }

    /** The header's metadata. */
    SortedMap<String, String> metadata() {
        return metadata;
    }

    /** A tensor's shape. @throws ModelException when there is none of this name */
    long[] shape(String tensor) {
        return entry(tensor).shape();
    }

    private Entry entry(String tensor) {
        Entry entry = entries.get(tensor);
        if (entry == null) {
            throw new ModelException(name + ": lacks tensor " + tensor);
        }
        return entry;
    }

    /** A tensor as float32. @throws ModelException when there is none of this name */
    HostTensor tensor(String tensor) {
        Entry entry = entry(tensor);
        try {
            ByteBuffer bytes = source.read(entry.start(), entry.bytes());
            float[] values = new float[Math.toIntExact(entry.bytes() / (entry.brief() ? 2 : 4))];
            if (entry.brief()) {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(bytes.getShort() << 16);
                }
            } else {
                bytes.asFloatBuffer().get(values);
            }
            return new HostTensor(entry.shape(), values);
        } catch (IOException e) {
            throw new ModelException(name + ": tensor " + tensor + ": " + e.getMessage(), e);
        }
    }

    /** A file of float32 tensors in name order. */
    static byte[] write(SortedMap<String, HostTensor> tensors, Map<String, String> metadata) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode notes = root.putObject("__metadata__");
        new TreeMap<>(metadata).forEach(notes::put);
        notes.put("format", "pt");
        long offset = 0;
        for (Map.Entry<String, HostTensor> entry : tensors.entrySet()) {
            HostTensor tensor = entry.getValue();
            ObjectNode node = root.putObject(entry.getKey()).put("dtype", "F32");
            for (long dimension : tensor.shape()) {
                node.withArray("shape").add(dimension);
            }
            node.putArray("data_offsets").add(offset).add(offset + 4L * tensor.values().length);
            offset += 4L * tensor.values().length;
        }
        byte[] header = root.toString().getBytes(UTF_8);
        int padded = (header.length + 7) / 8 * 8;
        ByteBuffer file =
                ByteBuffer.allocate(Math.toIntExact(8 + padded + offset)).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded).put(header);
        while (file.position() < 8 + padded) {
            file.put((byte) ' ');
        }
        tensors.values().forEach(tensor -> {
            for (float value : tensor.values()) {
                file.putFloat(value);
            }
        });
        return file.array();
    }
}
