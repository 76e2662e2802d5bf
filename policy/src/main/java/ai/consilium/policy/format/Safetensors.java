package ai.consilium.policy.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.consilium.policy.ModelException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** The safetensors format: F32 and BF16 are read (as float32), F32 is written. Every length is checked before use. */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_HEADER = 100_000_000;
    private static final int CHUNK = 1 << 28;

    /** What a header of a few hundred tensors takes; a longer one only makes the buffer grow. */
    private static final int HEADER_ROOM = 1 << 16;

    /** Where a tensor lies: {@code start} is its first byte in the file, {@code brief} says BF16. */
    private record Entry(boolean brief, long[] shape, long start, long bytes) {}

    /** Bytes of a file, wherever they are. */
    private interface Source {
        ByteBuffer read(long start, long bytes) throws IOException;
    }

    private final String name;
    private final long length;
    private final Source source;
    private final SortedMap<String, Entry> entries = new TreeMap<>();
    private final SortedMap<String, String> metadata = new TreeMap<>();

    private Safetensors(String name, long length, Source source) {
        this.name = name;
        this.length = length;
        this.source = source;
        try {
            readHeader();
        } catch (IOException e) {
            throw new ModelException(name + ": " + e.getMessage(), e);
        }
    }

    /** Opens a file. @throws ModelException naming it */
    public static Safetensors open(Path file) {
        return new Safetensors(file.toString(), file.toFile().length(), (start, bytes) -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                return channel.map(FileChannel.MapMode.READ_ONLY, start, bytes).order(ByteOrder.LITTLE_ENDIAN);
            }
        });
    }

    /** Reads bytes, which errors call by the name. */
    public static Safetensors of(byte[] file, String name) {
        return new Safetensors(
                name,
                file.length,
                (start, bytes) -> ByteBuffer.wrap(file)
                        .slice(Math.toIntExact(start), Math.toIntExact(bytes))
                        .order(ByteOrder.LITTLE_ENDIAN));
    }

    private void readHeader() throws IOException {
        if (length < 8) {
            throw new ModelException(name + ": truncated: " + length + " bytes are not a safetensors file");
        }
        long header = source.read(0, 8).getLong();
        if (header <= 1 || header > Math.min(LONGEST_HEADER, length - 8)) {
            throw new ModelException(name + ": truncated or not a safetensors file: a header of " + header
                    + " bytes in a file of " + length);
        }
        JsonNode root;
        try {
            root = JSON.readTree(UTF_8.decode(source.read(8, header)).toString());
        } catch (JsonProcessingException e) {
            throw new ModelException(name + ": the header is not JSON: " + e.getOriginalMessage(), e);
        }
        root.path("__metadata__")
                .properties()
                .forEach(field -> metadata.put(field.getKey(), field.getValue().asText()));
        root.properties().forEach(field -> {
            if (!field.getKey().equals("__metadata__")) {
                entries.put(field.getKey(), entry(field.getKey(), field.getValue(), 8 + header));
            }
        });
    }

    private Entry entry(String tensor, JsonNode node, long base) {
        String type = node.path("dtype").asText();
        if (!type.equals("F32") && !type.equals("BF16")) {
            throw new ModelException(name + ": tensor " + tensor + " is " + type + "; F32 and BF16 are supported");
        }
        long[] shape = new long[node.path("shape").size()];
        long size = type.equals("F32") ? 4 : 2;
        for (int i = 0; i < shape.length; i++) {
            shape[i] = node.path("shape").get(i).asLong(-1);
            if (shape[i] < 0 || shape[i] > Integer.MAX_VALUE || size > Long.MAX_VALUE / Math.max(1, shape[i])) {
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
        if (end > length - base) {
            throw new ModelException(name + ": truncated: tensor " + tensor + " ends " + end
                    + " bytes behind the header, at byte " + base + " of a file of " + length);
        }
        return new Entry(type.equals("BF16"), shape, base + start, size);
    }

    /** Names and shapes. */
    public SortedMap<String, long[]> shapes() {
        SortedMap<String, long[]> shapes = new TreeMap<>();
        entries.forEach((tensor, entry) -> shapes.put(tensor, entry.shape()));
        return shapes;
    }

    /** The header's metadata. */
    public SortedMap<String, String> metadata() {
        return metadata;
    }

    /** A tensor's shape. @throws ModelException when there is none of this name */
    public long[] shape(String tensor) {
        return entry(tensor).shape();
    }

    /**
     * Where a tensor lies. Only of a file that was opened by its path.
     *
     * @throws ModelException when there is none of this name
     */
    public StoredTensor stored(String tensor) {
        Entry entry = entry(tensor);
        return new StoredTensor(Path.of(name), length, entry.brief(), entry.start(), entry.start() + entry.bytes());
    }

    private Entry entry(String tensor) {
        Entry entry = entries.get(tensor);
        if (entry == null) {
            throw new ModelException(name + ": lacks tensor " + tensor);
        }
        return entry;
    }

    /** A tensor as float32. @throws ModelException when there is none of this name */
    public HostTensor tensor(String tensor) {
        Entry entry = entry(tensor);
        int width = entry.brief() ? 2 : 4;
        try {
            float[] values = new float[Math.toIntExact(entry.bytes() / width)];
            // A mapping holds less than 2 GiB, and one embedding may be more.
            for (int from = 0; from < values.length; from += CHUNK) {
                int count = Math.min(CHUNK, values.length - from);
                ByteBuffer bytes = source.read(entry.start() + (long) width * from, (long) width * count);
                if (entry.brief()) {
                    for (int i = 0; i < count; i++) {
                        values[from + i] = Float.intBitsToFloat(bytes.getShort() << 16);
                    }
                } else {
                    bytes.asFloatBuffer().get(values, from, count);
                }
            }
            return new HostTensor(entry.shape(), values);
        } catch (IOException e) {
            throw new ModelException(name + ": tensor " + tensor + ": " + e.getMessage(), e);
        }
    }

    /** A file of float32 tensors in name order. */
    public static byte[] write(SortedMap<String, HostTensor> tensors, Map<String, String> metadata) {
        SortedMap<String, SafetensorsWriter.Form> forms = new TreeMap<>();
        tensors.forEach((tensor, values) -> forms.put(tensor, new SafetensorsWriter.Form(values.shape(), false)));
        long bytes =
                forms.values().stream().mapToLong(SafetensorsWriter.Form::bytes).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.toIntExact(bytes) + HEADER_ROOM);
        try {
            SafetensorsWriter.write(out, forms, metadata, tensor -> Objects.requireNonNull(tensors.get(tensor)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
