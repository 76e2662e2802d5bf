package ai.consilium.fetch;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** Files behind an address. Thread-safe. */
interface Source extends Closeable {
    /**
     * The rest of a file, while it is read.
     *
     * @param bytes from there to the end
     * @param from where they begin: where it was asked for, or 0 where the server does not know parts of files
     * @param length of the whole file; -1: the server does not say
     */
    record Rest(InputStream bytes, long from, long length) implements Closeable {
        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }

    /**
     * Asks for a file.
     *
     * @param path below the root
     * @param from first byte that is wanted; from the end on, no byte comes
     * @throws FetchException when it cannot be had
     * @throws IOException when it may be had by asking again
     */
    Rest open(String path, long from) throws IOException;

    @Override
    void close();
}
