package ai.consilium.benchmarks.stream;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.worker.LatestAdapters;
import ai.consilium.schemas.PolicyUpdate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The side of a rollout worker that brings it adapters, without an engine to take them. */
final class AdapterFollower implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final LatestAdapters adapters;
    private final ServiceThread thread;
    private final Map<String, Arrival> newest = new HashMap<>();

    private record Arrival(long version, String hash, long atNanos) {}

    /** Begins to follow the log of a run. */
    AdapterFollower(RunContext context) {
        this.adapters = new LatestAdapters(context, this::take);
        this.thread = new ServiceThread("rollout-adapters", adapters);
        thread.start();
    }

    private synchronized void take(AdapterVersion version) {
        newest.put(version.policy(), new Arrival(version.version(), version.hash(), System.nanoTime()));
        notifyAll();
    }

    /** Waits for a version. @return when it came, by {@link System#nanoTime()} */
    synchronized long await(PolicyUpdate update) throws InterruptedException {
        long begun = System.nanoTime();
        while (true) {
            Arrival arrival = newest.get(update.getSpecialty());
            if (arrival != null
                    && arrival.version() == update.getVersion()
                    && arrival.hash().equals(update.getAdapterHash())) {
                return arrival.atNanos();
            }
            // Throws what stopped it.
            var unused = adapters.newest(update.getSpecialty(), Duration.ZERO);
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new IllegalStateException(update.getSpecialty() + " version " + update.getVersion()
                        + " did not come to the worker within " + PATIENCE);
            }
            wait(LOOK.toMillis());
        }
    }

    /** @throws IllegalStateException when the tensors that it would sample with are not those that an update names */
    void requireTensors(PolicyUpdate update) throws InterruptedException {
        String held = adapters.newest(update.getSpecialty(), LOOK)
                .orElseThrow()
                .adapter()
                .hash();
        if (!held.equals(update.getAdapterHash())) {
            throw new IllegalStateException("the worker holds tensors with hash " + held + " of "
                    + update.getSpecialty() + " version " + update.getVersion() + ", published were "
                    + update.getAdapterHash());
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
