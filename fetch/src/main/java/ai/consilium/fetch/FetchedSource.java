package ai.consilium.fetch;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Files of a source as they were when it was opened. Fetched ones stay in the cache until this is closed, or the process ends.
 * Thread-safe.
 */
public final class FetchedSource implements AutoCloseable {
    private final Fetcher fetcher;
    private final SourceAddress address;
    private final FileList list;
    private Fetcher.@Nullable Claimed claimed;

    FetchedSource(Fetcher fetcher, SourceAddress address, FileList list) {
        this.fetcher = fetcher;
        this.address = address;
        this.list = list;
    }

    /** Whether it has a file. @param path below its root */
    public boolean lists(String path) {
        return list.sha256ByPath().containsKey(path);
    }

    /**
     * The directory of its files, all of which are fetched first, unless they are here. Nothing may be changed in it.
     *
     * @throws FetchException naming what cannot be had
     */
    public synchronized Path directory(FetchProgress progress) throws IOException, InterruptedException {
        if (claimed == null) {
            claimed = fetcher.claim(address, list, progress);
        }
        return claimed.files();
    }

    @Override
    public synchronized void close() throws IOException {
        if (claimed != null) {
            claimed.claim().close();
            claimed = null;
        }
    }
}
