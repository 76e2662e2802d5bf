package ai.consilium.platform.run;

import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The directory of a run, held by one process at a time. */
public final class RunDirectory implements AutoCloseable {
    /** What may be there already. */
    public enum Opening {
        /** Nothing: a directory that holds a run is refused. */
        FRESH,
        /** A run, which goes on. */
        RESUME,
        /** A run, which is deleted. */
        CLEAN
    }

    private static final String LOCK = "run.lock";

    private final Path root;
    private final DirectoryLock lock;

    private RunDirectory(Path root, DirectoryLock lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Claims a directory, creating it when absent.
     *
     * @throws UsageException when it is in use, or holds what the opening does not allow
     */
    public static RunDirectory open(Path root, Opening opening) {
        Path directory = root.toAbsolutePath().normalize();
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new UsageException("run directory " + directory + " is a file");
        }
        boolean empty = entries(directory).isEmpty();
        boolean run = Files.exists(directory.resolve(LOCK));
        if (!empty && !run) {
            throw new UsageException("run directory " + directory
                    + " contains files that do not belong to a run; they are left alone: choose another --run-dir");
        }
        if (empty && opening == Opening.RESUME) {
            throw new UsageException("run directory " + directory + " contains no run to resume");
        }
        DirectoryLock lock = DirectoryLock.claim(directory, LOCK);
        try {
            settle(directory, opening);
            return new RunDirectory(directory, lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static void settle(Path directory, Opening opening) {
        List<Path> content = entries(directory).stream()
                .filter(entry -> !entry.endsWith(LOCK))
                .toList();
        if (opening == Opening.FRESH && !content.isEmpty()) {
            throw new UsageException("run directory " + directory
                    + " already contains a run: --resume continues it, --clean deletes it");
        }
        if (opening == Opening.CLEAN) {
            content.forEach(RunDirectory::delete);
        }
    }

    private static List<Path> entries(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException e) {
            throw new UsageException("run directory " + directory + " cannot be read: " + e, e);
        }
    }

    /** Deletes a file, or a directory with all that is in it. */
    public static void delete(Path entry) {
        try (Stream<Path> files = Files.walk(entry)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The directory, absolute. */
    public Path root() {
        return root;
    }

    /** State of the embedded broker. */
    public Path kafka() {
        return root.resolve("kafka");
    }

    /** State of the stream topologies. */
    public Path state() {
        return made("state");
    }

    /** Checkpoints of the learners. */
    public Path checkpoints() {
        return made("checkpoints");
    }

    /** Adapters as PEFT directories. */
    public Path adapters() {
        return made("adapters");
    }

    /** The simulated clinic's cases. */
    public Path data() {
        return made("data");
    }

    private Path made(String name) {
        try {
            return Files.createDirectories(root.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        lock.close();
    }
}
