package ai.consilium.policy.torch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive: a zip with the text of one class and a pickle (protocol 2) of its attributes. libtorch
 * compiles the text when it loads the archive, so no compiler and no Python are needed.
 */
final class Archive {
    private Archive() {}

    /**
     * An archive of one module.
     *
     * @param sources resource files beside this class, each holding methods written as functions with {@code self}
     * @param constants attributes that the methods read as {@code self.name}: Long or Double
     */
    static byte[] of(List<String> sources, SortedMap<String, Number> constants) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "m/data.pkl", attributes(constants));
            store(zip, "m/code/__torch__.py", code(sources, constants).getBytes(UTF_8));
            store(zip, "m/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, "m/version", "3\n".getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static String code(List<String> sources, SortedMap<String, Number> constants) throws IOException {
        StringBuilder code = new StringBuilder("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n");
        code.append("  training : bool\n  _is_full_backward_hook : Optional[bool]\n");
        constants.forEach((name, value) ->
                code.append("  ").append(name).append(value instanceof Double ? " : float\n" : " : int\n"));
        for (String source : sources) {
            code.append(indented(read(source)));
        }
        return code.toString();
    }

    private static String read(String source) throws IOException {
        try (InputStream in = Archive.class.getResourceAsStream(source)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + source + " beside " + Archive.class.getName());
            }
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /** Comment lines go: the text of a class may not start with one. */
    private static String indented(String source) {
        return source.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.isBlank() ? "\n" : "  " + line + "\n")
                .collect(Collectors.joining());
    }

    private static byte[] attributes(SortedMap<String, Number> constants) {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2});
        pickle.writeBytes("c__torch__\nM\n".getBytes(UTF_8));
        pickle.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
        string(pickle, "training");
        pickle.write(0x89);
        string(pickle, "_is_full_backward_hook");
        pickle.write('N');
        constants.forEach((name, value) -> {
            string(pickle, name);
            number(pickle, value);
        });
        pickle.writeBytes(new byte[] {'u', 'b', '.'});
        return pickle.toByteArray();
    }

    private static void string(ByteArrayOutputStream pickle, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        pickle.write('X');
        pickle.writeBytes(littleEndian(bytes.length));
        pickle.writeBytes(bytes);
    }

    private static void number(ByteArrayOutputStream pickle, Number value) {
        if (value instanceof Double) {
            pickle.write('G');
            pickle.writeBytes(
                    ByteBuffer.allocate(8).putDouble(value.doubleValue()).array());
        } else {
            pickle.write('J');
            pickle.writeBytes(littleEndian(Math.toIntExact(value.longValue())));
        }
    }

    private static byte[] littleEndian(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
