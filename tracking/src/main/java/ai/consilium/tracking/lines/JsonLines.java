package ai.consilium.tracking.lines;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * A file of JSON lines in which each thing stands once. Whoever opens it again takes note of what is there and cuts off a line
 * that a kill left unfinished. One writer.
 */
public final class JsonLines {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final Function<JsonNode, String> key;
    private final Set<String> known = new HashSet<>();

    /** @param key of what a line is about */
    public JsonLines(Path file, Function<JsonNode, String> key) throws IOException {
        this.file = file;
        this.key = key;
        Files.createDirectories(file.toAbsolutePath().getParent());
        if (Files.exists(file)) {
            byte[] content = Files.readAllBytes(file);
            int whole = whole(content);
            if (whole < content.length) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(whole);
                }
            }
        }
    }

    /** Length up to the first line that is none. */
    private int whole(byte[] content) {
        int begin = 0;
        for (int at = 0; at < content.length; at++) {
            if (content[at] == '\n') {
                try {
                    known.add(key.apply(JSON.readTree(content, begin, at - begin)));
                } catch (IOException broken) {
                    return begin;
                }
                begin = at + 1;
            }
        }
        return begin;
    }

    /** Adds a line, unless there is one about the same. @return whether it was added */
    public boolean add(String json) throws IOException {
        String about;
        try {
            about = key.apply(JSON.readTree(json));
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException("not a line of JSON: " + json, broken);
        }
        if (known.contains(about)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        known.add(about);
        return true;
    }

    /** The whole lines of a file, from one on; none where there is no file. */
    public static List<String> from(Path file, int first) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        String content = Files.readString(file);
        int end = content.lastIndexOf('\n') + 1;
        List<String> lines = new ArrayList<>(content.substring(0, end).lines().toList());
        return List.copyOf(lines.subList(Math.min(first, lines.size()), lines.size()));
    }
}
