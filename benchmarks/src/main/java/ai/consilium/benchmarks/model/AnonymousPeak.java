package ai.consilium.benchmarks.model;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Watches the anonymous memory of this process, of which Linux keeps no highest value. */
public final class AnonymousPeak implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 20;

    private final Thread thread = new Thread(this::watch, "anonymous-peak");
    private volatile double gigabytes;
    private volatile boolean closed;

    private AnonymousPeak() {}

    /** Begins to watch. */
    public static AnonymousPeak watching() {
        AnonymousPeak peak = new AnonymousPeak();
        peak.thread.setDaemon(true);
        peak.thread.start();
        return peak;
    }

    private void watch() {
        try {
            while (!closed) {
                look();
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (InterruptedException ending) {
            // Only close() interrupts it.
        }
    }

    private synchronized void look() {
        try {
            gigabytes = Math.max(gigabytes, ProcessMemory.read().anonymous());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Most gigabytes so far. */
    public double gigabytes() {
        look();
        return gigabytes;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
