package ai.consilium.fetch;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of a source, several at a time; the first that fails ends them all. Counts what comes. */
final class Downloads {
    private static final Logger LOG = LoggerFactory.getLogger(Downloads.class);

    private final String source;
    private final int files;
    private final FetchProgress progress;
    private int done;
    private int measured;
    private long bytes;
    private long expected;

    Downloads(String source, int files, FetchProgress progress) {
        this.source = source;
        this.files = files;
        this.progress = progress;
    }

    /** Where a download counts what comes. */
    record Counted(LongConsumer came, LongConsumer length) {}

    /** Fetches one file. */
    interface One {
        /** Fetches it. */
        void fetch(String sha256, List<String> paths, Counted counted) throws IOException, InterruptedException;
    }

    /**
     * Fetches all.
     *
     * @param silence after which no thread hangs on a server
     */
    void run(int connections, Duration silence, Map<String, List<String>> missing, One one)
            throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(connections, work -> {
            Thread thread = new Thread(work, "fetch");
            thread.setDaemon(true);
            return thread;
        });
        try {
            ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(threads);
            missing.forEach((sha256, paths) -> running.submit(() -> {
                one.fetch(sha256, paths, counted());
                return null;
            }));
            for (int i = 0; i < missing.size(); i++) {
                running.take().get();
                fileDone();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
            // Until the last has ended, nobody else may write where they do.
            if (!threads.awaitTermination(silence.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("{}: a download does not end", source);
            }
        }
    }

    private Counted counted() {
        boolean[] known = {false};
        return new Counted(this::came, length -> {
            if (!known[0]) {
                known[0] = true;
                measured(length);
            }
        });
    }

    private synchronized void came(long more) {
        bytes += more;
        progress.at(stage());
    }

    private synchronized void measured(long length) {
        if (length >= 0) {
            measured++;
            expected += length;
        }
    }

    private synchronized void fileDone() {
        done++;
        progress.at(stage());
    }

    private FetchProgress.Stage stage() {
        return new FetchProgress.Stage(source, done, files, bytes, measured == files ? expected : -1);
    }

    /** That came. */
    synchronized long bytes() {
        return bytes;
    }
}
