package ai.consilium.tracking.tensorboard;

import ai.consilium.tracking.lines.MetricLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Event files under {@code tensorboard/}: a directory, which TensorBoard calls a run, for each policy, and in it one file. What is
 * in a file follows from the lines of metrics.jsonl; after a restart it is made to agree with them, so that nothing stands in it
 * twice and nothing is missing.
 */
public final class TensorBoardFiles {
    /** Their directory in that of a run. */
    public static final String DIRECTORY = "tensorboard";

    private final Path directory;
    private final Map<String, Path> files = new TreeMap<>();

    /**
     * In a run's directory.
     *
     * @param lines of metrics.jsonl so far
     */
    public TensorBoardFiles(Path runDirectory, List<MetricLine> lines) throws IOException {
        this.directory = runDirectory.resolve(DIRECTORY);
        Map<String, ByteArrayOutputStream> wanted = new LinkedHashMap<>();
        for (MetricLine line : lines) {
            ByteArrayOutputStream content =
                    wanted.computeIfAbsent(line.specialty(), policy -> new ByteArrayOutputStream());
            if (content.size() == 0) {
                content.writeBytes(begin(line));
            }
            content.writeBytes(EventRecords.scalars(line));
        }
        for (Map.Entry<String, ByteArrayOutputStream> file : wanted.entrySet()) {
            agree(path(file.getKey()), file.getValue().toByteArray());
        }
    }

    /** Adds what is missing; a reader that follows the file notices nothing else. */
    private static void agree(Path file, byte[] wanted) throws IOException {
        byte[] there = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        if (there.length <= wanted.length && Arrays.equals(there, Arrays.copyOf(wanted, there.length))) {
            append(file, Arrays.copyOfRange(wanted, there.length, wanted.length));
            return;
        }
        Path aside = file.resolveSibling("new");
        Files.write(aside, wanted);
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Adds a line that is new in metrics.jsonl. */
    public void add(MetricLine line) throws IOException {
        if (!files.containsKey(line.specialty())) {
            byte[] head = begin(line);
            agree(path(line.specialty()), head);
        }
        append(path(line.specialty()), EventRecords.scalars(line));
    }

    /** TensorBoard takes a file for events by its name, whose number is the time of its first. */
    private byte[] begin(MetricLine first) throws IOException {
        Path of = Files.createDirectories(directory.resolve(first.specialty()));
        long seconds = first.createdMs() / 1000;
        files.put(first.specialty(), of.resolve("events.out.tfevents.%010d.consilium".formatted(seconds)));
        return EventRecords.head(seconds);
    }

    private Path path(String policy) {
        Path file = files.get(policy);
        if (file == null) {
            throw new IllegalStateException("no file was begun for " + policy);
        }
        return file;
    }

    private static void append(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
