package ai.consilium.fetch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A claim on a part of the cache, on a file beside it: shared by those who read, or for one alone who fills or removes. It ends
 * with the process, however that ends. The operating system knows processes only and forgets a process's locks on a file when any
 * of its channels is closed, so within a process there is one channel a file, and who holds it is counted here.
 */
final class CacheLock implements AutoCloseable {
    private static final Map<Path, CacheLock> HELD = new HashMap<>();

    private final Path file;
    private final FileChannel channel;
    private final boolean shared;
    private int holders = 1;

    private CacheLock(Path file, FileChannel channel, boolean shared) {
        this.file = file;
        this.channel = channel;
        this.shared = shared;
    }

    /** To read; empty while somebody fills or removes. */
    static Optional<CacheLock> tryShared(Path file) throws IOException {
        return tryClaim(file, true);
    }

    /** To fill or remove; empty while somebody else holds it. */
    static Optional<CacheLock> tryAlone(Path file) throws IOException {
        return tryClaim(file, false);
    }

    private static Optional<CacheLock> tryClaim(Path file, boolean shared) throws IOException {
        synchronized (HELD) {
            CacheLock held = HELD.get(file);
            if (held != null) {
                if (!shared || !held.shared) {
                    return Optional.empty();
                }
                held.holders++;
                return Optional.of(held);
            }
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (lock(channel, shared) == null) {
                channel.close();
                return Optional.empty();
            }
            CacheLock claimed = new CacheLock(file, channel, shared);
            HELD.put(file, claimed);
            return Optional.of(claimed);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel, boolean shared) throws IOException {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, shared);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            if (--holders == 0) {
                HELD.remove(file);
                channel.close();
            }
        }
    }
}
