package ai.consilium.fetch;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetched files, which all processes of a host share:
 *
 * <pre>
 * objects/ab/ab12…     each file once, named by its SHA-256, never written to again
 * trees/KEY/NAME/…     the files of a list under their paths: hard links to objects
 * trees/KEY/incoming/  what is being fetched for it, named by the hash that it is to have
 * trees/KEY/complete   there once the tree is; written to at each use
 * trees/KEY.lock       held by who fills the tree, reads in it, or removes it
 * lists/               the last list of each source
 * </pre>
 *
 * When there is to be more in it than it may hold, the trees that were used longest ago go, those that a process reads never; an
 * object goes with its last tree. Thread-safe.
 */
final class FileCache {
    private static final Logger LOG = LoggerFactory.getLogger(FileCache.class);
    private static final String TREES = "trees";
    private static final int MIB = 20;
    /** Of the disk, for others. */
    private static final long RESERVE = 64L << MIB;

    private final Path root;
    private final long maxBytes;
    /** What lies in it, as of the last look, and what this process wrote since; -1: not looked yet. */
    private long present = -1;
    /** What this process is about to write. */
    private long expected;

    FileCache(Path root, long maxBytes) {
        this.root = root;
        this.maxBytes = maxBytes;
    }

    Path root() {
        return root;
    }

    Path object(String sha256) {
        return root.resolve("objects").resolve(sha256.substring(0, 2)).resolve(sha256);
    }

    CachedTree tree(String key, String name) {
        return new CachedTree(this, root.resolve(TREES).resolve(key), name);
    }

    /** Where the last list of a source is kept. */
    Path lastList(String key) {
        return root.resolve("lists").resolve(key);
    }

    /**
     * Makes sure that there is room, within the bound and on the disk.
     *
     * @param what is to be written, for messages
     * @throws FetchException when there is none, after everything that nobody uses was removed
     */
    synchronized void reserve(long bytes, String what) throws IOException {
        if (present < 0) {
            present = look(new ArrayList<>());
        }
        while (expected + present + bytes > maxBytes || free() < expected + bytes + RESERVE) {
            if (!removeOldest()) {
                requireRoom(bytes, what);
            }
        }
        expected += bytes;
    }

    /** After a reservation: so much of it was written. */
    synchronized void written(long bytes) {
        expected -= bytes;
        present += bytes;
    }

    /** After a reservation: so much of it will not be written. */
    synchronized void release(long bytes) {
        expected -= bytes;
    }

    private void requireRoom(long bytes, String what) throws IOException {
        if (expected + present + bytes > maxBytes) {
            throw new FetchException("cache.max_gib: " + what + " needs " + mib(bytes) + " MiB, and of "
                    + mib(maxBytes) + " MiB " + mib(expected + present)
                    + " are taken by what is in use or being fetched; give more, or use another cache.dir");
        }
        throw new FetchException("cache.dir: " + what + " needs " + mib(bytes) + " MiB, and the disk of " + root
                + " has " + mib(free()) + " MiB free, of which " + mib(expected + RESERVE) + " are spoken for");
    }

    private static long mib(long bytes) {
        return (bytes + (1L << MIB) - 1) >> MIB;
    }

    long free() throws IOException {
        Files.createDirectories(root);
        return Files.getFileStore(root).getUsableSpace();
    }

    /** Bytes of all objects and of all that is being fetched. @param orphans receives objects that are in no tree */
    private long look(List<Path> orphans) throws IOException {
        Files.createDirectories(root);
        long[] bytes = {0};
        walk(root.resolve("objects"), (file, attributes) -> {
            if (((Number) Files.getAttribute(file, "unix:nlink")).intValue() == 1) {
                orphans.add(file);
            }
            bytes[0] += attributes.size();
        });
        for (Path tree : trees()) {
            walk(tree.resolve(CachedTree.INCOMING), (file, attributes) -> bytes[0] += attributes.size());
        }
        return bytes[0];
    }

    /** What is done with each file of a directory. */
    private interface Visit {
        /** Visits it. */
        void at(Path file, BasicFileAttributes attributes) throws IOException;
    }

    /** Others may remove files meanwhile. */
    private static void walk(Path directory, Visit visit) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try {
                    visit.at(file, attributes);
                } catch (NoSuchFileException gone) {
                    LOG.trace("{} was removed", file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
    }

    private List<Path> trees() throws IOException {
        Path trees = root.resolve(TREES);
        if (!Files.isDirectory(trees)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(trees)) {
            return inside.filter(Files::isDirectory).toList();
        }
    }

    /** Removes what is in no tree, or else a tree. @return false when there is nothing that may go */
    @SuppressWarnings("try") // held while the tree is removed
    private boolean removeOldest() throws IOException {
        List<Path> orphans = new ArrayList<>();
        present = look(orphans);
        if (!orphans.isEmpty()) {
            for (Path orphan : orphans) {
                Files.deleteIfExists(orphan);
            }
            present = look(new ArrayList<>());
            return true;
        }
        List<Path> oldestFirst = new ArrayList<>(trees());
        oldestFirst.sort(Comparator.comparing(FileCache::lastUse));
        for (Path tree : oldestFirst) {
            Optional<CacheLock> alone = CacheLock.tryAlone(CachedTree.lock(tree));
            if (alone.isPresent()) {
                try (CacheLock held = alone.get()) {
                    LOG.info("{}: removed to make room in the cache", tree);
                    remove(tree);
                }
                return true;
            }
        }
        return false;
    }

    private static FileTime lastUse(Path tree) {
        for (Path file : List.of(tree.resolve(CachedTree.COMPLETE), tree)) {
            try {
                return Files.getLastModifiedTime(file);
            } catch (IOException e) {
                LOG.trace("{} is not there", file);
            }
        }
        return FileTime.fromMillis(0);
    }

    private static void remove(Path tree) throws IOException {
        // A process that is killed here leaves a tree that is filled again.
        Files.deleteIfExists(tree.resolve(CachedTree.COMPLETE));
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
