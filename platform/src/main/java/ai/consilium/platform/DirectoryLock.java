package ai.consilium.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An exclusive claim on a directory, given up when the process ends, however it ends. */
public final class DirectoryLock implements AutoCloseable {
    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Claims a directory by a lock on one file in it; both are created when absent.
     *
     * @throws UsageException when another process, or another part of this one, holds it
     */
    public static DirectoryLock claim(Path directory, String file) {
        return tryClaim(directory, file)
                .orElseThrow(() -> new UsageException("run directory in use: " + directory
                        + " is held by another process; wait for it to end or choose another --run-dir"));
    }

    /** Like {@link #claim}, empty when it is held. @throws UsageException when the directory cannot be used */
    public static Optional<DirectoryLock> tryClaim(Path directory, String file) {
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(directory.resolve(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                return Optional.empty();
            }
            return Optional.of(new DirectoryLock(channel));
        } catch (IOException e) {
            throw new UsageException("run directory " + directory + " cannot be used: " + e, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
