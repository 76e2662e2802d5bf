package ai.consilium.fetch;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The files of one list in the cache, under one name ({@link FileCache} has the layout). */
final class CachedTree {
    static final String COMPLETE = "complete";
    static final String INCOMING = "incoming";
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final FileCache cache;
    private final Path directory;
    private final String name;

    CachedTree(FileCache cache, Path directory, String name) {
        this.cache = cache;
        this.directory = directory;
        this.name = name;
    }

    static Path lock(Path tree) {
        return tree.resolveSibling(tree.getFileName() + ".lock");
    }

    /** What fills it. */
    interface Filling {
        /** Fills it. */
        void fill() throws IOException, InterruptedException;
    }

    /**
     * Claims it for reading, filled by this process or by another.
     *
     * @param waiting is told once when another process fills it
     * @return the claim, which keeps it in the cache
     */
    @SuppressWarnings("try") // held while the tree is filled
    CacheLock claim(Filling filling, Runnable waiting) throws IOException, InterruptedException {
        boolean told = false;
        while (true) {
            CacheLock reading = CacheLock.tryShared(lock(directory)).orElse(null);
            if (reading != null) {
                if (complete()) {
                    used();
                    return reading;
                }
                reading.close();
            }
            CacheLock alone = CacheLock.tryAlone(lock(directory)).orElse(null);
            if (alone == null) {
                if (!told) {
                    waiting.run();
                    told = true;
                }
                Thread.sleep(LOOK_AGAIN.toMillis());
                continue;
            }
            try (CacheLock held = alone) {
                if (!complete()) {
                    filling.fill();
                    Files.deleteIfExists(directory.resolve(INCOMING));
                    Files.createFile(directory.resolve(COMPLETE));
                }
            }
        }
    }

    boolean complete() {
        return Files.exists(directory.resolve(COMPLETE));
    }

    private void used() throws IOException {
        Files.setLastModifiedTime(directory.resolve(COMPLETE), FileTime.from(Instant.now()));
    }

    /** Where its files lie. */
    Path files() {
        return directory.resolve(name);
    }

    /** Where the bytes of a file arrive. */
    Path incoming(String sha256) throws IOException {
        return Files.createDirectories(directory.resolve(INCOMING)).resolve(sha256);
    }

    /** Takes a file that the cache has. @return false when it has not */
    boolean take(String sha256, List<String> paths) throws IOException {
        try {
            link(cache.object(sha256), paths);
            Files.deleteIfExists(directory.resolve(INCOMING).resolve(sha256));
            return true;
        } catch (NoSuchFileException none) {
            return false;
        }
    }

    /** Takes a file that has arrived whole, and leaves it to other trees. It is never without a link that keeps it. */
    void arrived(String sha256, List<String> paths) throws IOException {
        Path whole = incoming(sha256);
        Path object = cache.object(sha256);
        Files.createDirectories(object.getParent() == null ? object : object.getParent());
        try {
            Files.createLink(object, whole);
        } catch (FileAlreadyExistsException another) {
            // Of another source that has the same file.
        }
        link(whole, paths);
        Files.delete(whole);
        // Last: a process that is killed before this leaves nothing that the next could not write to.
        Files.setPosixFilePermissions(files().resolve(paths.get(0)), PosixFilePermissions.fromString("r--r--r--"));
    }

    private void link(Path from, List<String> paths) throws IOException {
        for (String path : paths) {
            Path to = files().resolve(path);
            Files.createDirectories(to.getParent() == null ? to : to.getParent());
            try {
                Files.createLink(to, from);
            } catch (FileAlreadyExistsException before) {
                // By a process that was stopped before it had all.
            }
        }
    }
}
