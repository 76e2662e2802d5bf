package ai.consilium.fetch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file on its way: it goes on where it was cut off, in this process or in an earlier one, and is hashed as it comes.
 *
 * @param source that the file is of
 * @param address of the source, for messages
 * @param path of the file in it
 * @param sha256 that it is to have, lower-case hex
 * @param to where it arrives
 * @param came is told of bytes that came
 * @param length is told how long the file is, when the server first says so; -1: it does not
 */
record Download(
        Source source,
        String address,
        String path,
        String sha256,
        Path to,
        FileCache cache,
        Patience patience,
        Supplier<MessageDigest> digests,
        LongConsumer came,
        LongConsumer length) {
    private static final Logger LOG = LoggerFactory.getLogger(Download.class);
    private static final int BUFFER = 1 << 18;

    /** What has arrived, and its hash so far. */
    private static final class Arrived {
        private final FileChannel file;
        private final MessageDigest digest;
        private long bytes;

        Arrived(FileChannel file, MessageDigest digest) throws IOException {
            this.file = file;
            this.digest = digest;
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            for (int read = file.read(buffer); read >= 0; read = file.read(buffer)) {
                digest.update(buffer.flip());
                buffer.clear();
                bytes += read;
            }
        }

        void add(ByteBuffer more) throws IOException {
            digest.update(more.duplicate());
            while (more.hasRemaining()) {
                bytes += file.write(more);
            }
        }

        void startAgain() throws IOException {
            file.truncate(0);
            file.position(0);
            digest.reset();
            bytes = 0;
        }
    }

    /**
     * Fetches it.
     *
     * @throws FetchException when it cannot be had, or is another file than the list says
     */
    void run() throws IOException, InterruptedException {
        try (FileChannel file =
                FileChannel.open(to, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Arrived arrived = new Arrived(file, digests.get());
            boolean inOneGo = receive(arrived);
            String found = HexFormat.of().formatHex(arrived.digest.digest());
            if (!found.equals(sha256) && !inOneGo) {
                // What an earlier process left may be broken, or the file have changed between two parts.
                LOG.info("{}: {}: the parts do not fit together; fetched again", address, path);
                arrived.startAgain();
                receive(arrived);
                found = HexFormat.of().formatHex(arrived.digest.digest());
            }
            if (!found.equals(sha256)) {
                arrived.startAgain();
                throw new FetchException(
                        address + ": " + path + " has SHA-256 " + found + ", " + FileList.NAME + " says " + sha256);
            }
            file.force(true);
        }
    }

    /** @return whether all of it came by one request */
    private boolean receive(Arrived arrived) throws IOException, InterruptedException {
        boolean begun = arrived.bytes > 0;
        long furthest = arrived.bytes;
        for (int failures = 0; ; ) {
            try {
                part(arrived);
                return !begun;
            } catch (FetchException refused) {
                throw refused;
            } catch (IOException e) {
                // A server that knows no parts and cuts every connection gets no further, however much it sends.
                failures = arrived.bytes > furthest ? 0 : failures + 1;
                furthest = Math.max(furthest, arrived.bytes);
                begun = true;
                if (failures >= patience.tries()) {
                    throw new FetchException(
                            address + ": " + path + ": nothing new came in " + failures + " tries: " + reason(e), e);
                }
                LOG.debug("{}: {}: tried again from byte {}", address, path, arrived.bytes, e);
            }
            Thread.sleep(patience.pause(Math.max(1, failures)).toMillis());
        }
    }

    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        return e.getClass() == IOException.class ? message : e.getClass().getSimpleName() + ": " + message;
    }

    private void part(Arrived arrived) throws IOException, InterruptedException {
        try (Source.Rest rest = source.open(path, arrived.bytes)) {
            if (rest.from() != arrived.bytes) {
                arrived.startAgain();
            }
            length.accept(rest.length());
            long missing = Math.max(0, rest.length() - arrived.bytes);
            cache.reserve(missing, address + ": " + path);
            long left = missing;
            try {
                byte[] buffer = new byte[BUFFER];
                for (int read = rest.bytes().read(buffer);
                        read >= 0;
                        read = rest.bytes().read(buffer)) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException("another file failed");
                    }
                    if (read > left) {
                        // More than was said, or nothing was said.
                        cache.reserve(read - left, address + ": " + path);
                        left = read;
                    }
                    write(arrived, ByteBuffer.wrap(buffer, 0, read));
                    cache.written(read);
                    left -= read;
                    came.accept(read);
                }
            } finally {
                cache.release(left);
            }
            if (rest.length() >= 0 && arrived.bytes < rest.length()) {
                throw new IOException(
                        "the connection ended after " + arrived.bytes + " of " + rest.length() + " bytes");
            }
        }
    }

    private void write(Arrived arrived, ByteBuffer bytes) throws IOException {
        try {
            arrived.add(bytes);
        } catch (IOException e) {
            throw new FetchException(
                    "cache.dir: " + to + " cannot be written: " + e.getMessage() + "; the disk has "
                            + (cache.free() >> 20) + " MiB free",
                    e);
        }
    }
}
