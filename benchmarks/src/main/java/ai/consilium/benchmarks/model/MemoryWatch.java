package ai.consilium.benchmarks.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** Looks at this process's memory again and again, for the most that it held anonymously: Linux keeps no such peak. */
public final class MemoryWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(10);

    private final Thread thread = new Thread(this::watch, "memory-watch");
    private final double before;
    private volatile boolean ended;
    private volatile double peak;

    private MemoryWatch(double before) {
        this.before = before;
    }

    /** Begins to look. */
    public static MemoryWatch start() throws IOException {
        MemoryWatch watch = new MemoryWatch(ProcessMemory.read().anonymous());
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        try {
            while (!ended) {
                peak = Math.max(peak, ProcessMemory.read().anonymous());
                Thread.sleep(INTERVAL.toMillis());
            }
        } catch (InterruptedException ending) {
            // close() wakes it.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gigabytes when it began. */
    public double before() {
        return before;
    }

    /** Most gigabytes so far. */
    public double peak() {
        return peak;
    }

    @Override
    public void close() {
        ended = true;
        thread.interrupt();
    }
}
