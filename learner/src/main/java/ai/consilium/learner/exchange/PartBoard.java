package ai.consilium.learner.exchange;

import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.exchange.PartGradient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * Which part of a step is whose. Parts are taken in order, by this process or by others. One that another has begun is left to
 * that one, but not for longer than {@link #PATIENCE} times what a part takes here: then it is open again, and whoever is first with it counts.
 * Thread-safe.
 */
final class PartBoard implements PartExchange.Pass {
    private static final int PATIENCE = 3;
    private static final Duration SHORTEST = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final LongSupplier nanos;
    private final IntConsumer begins;
    private final Runnable alive;
    private final NavigableSet<Integer> open = new TreeSet<>();
    /** When, by this process's clock. */
    private final Map<Integer, Long> begunHere = new HashMap<>();

    private final Map<Integer, Long> begunElsewhere = new HashMap<>();
    private final SortedMap<Integer, PartGradient> come = new TreeMap<>();
    private long longest;
    private int computedHere;
    private boolean closed;

    /**
     * With all parts open.
     *
     * @param nanos clock, as {@link System#nanoTime}
     * @param begins hears of every part that is taken here
     * @param alive runs now and then while this process waits
     */
    PartBoard(int parts, LongSupplier nanos, IntConsumer begins, Runnable alive) {
        this.nanos = nanos;
        this.begins = begins;
        this.alive = alive;
        for (int part = 0; part < parts; part++) {
            open.add(part);
        }
    }

    @Override
    public synchronized int open() {
        return open.size();
    }

    @Override
    public OptionalInt take() {
        OptionalInt taken = first();
        taken.ifPresent(begins);
        return taken;
    }

    private synchronized OptionalInt first() {
        Integer part = open.pollFirst();
        if (part == null) {
            return OptionalInt.empty();
        }
        begunHere.put(part, nanos.getAsLong());
        begunElsewhere.remove(part);
        return OptionalInt.of(part);
    }

    @Override
    public synchronized void computed(int part) {
        Long begun = begunHere.get(part);
        if (begun != null) {
            longest = Math.max(longest, nanos.getAsLong() - begun);
        }
        computedHere++;
        come.remove(part);
    }

    /** Another has begun a part. */
    synchronized void begunElsewhere(int part) {
        if (open.remove(part)) {
            begunElsewhere.put(part, nanos.getAsLong());
        }
    }

    /** Another has computed a part. */
    synchronized void arrived(int part, PartGradient gradient) {
        boolean wanted = open.remove(part) | begunElsewhere.remove(part) != null;
        if (wanted && !closed) {
            come.put(part, gradient);
            notifyAll();
        }
    }

    @Override
    public synchronized SortedMap<Integer, PartGradient> await() throws InterruptedException {
        while (come.isEmpty() && !begunElsewhere.isEmpty() && open.isEmpty()) {
            reopen();
            if (open.isEmpty()) {
                alive.run();
                wait(LOOK.toMillis());
            }
        }
        SortedMap<Integer, PartGradient> taken = new TreeMap<>(come);
        come.clear();
        return taken;
    }

    private void reopen() {
        long patience = Math.max(SHORTEST.toNanos(), PATIENCE * longest);
        List<Integer> overdue = new ArrayList<>();
        begunElsewhere.forEach((part, since) -> {
            if (nanos.getAsLong() - since > patience) {
                overdue.add(part);
            }
        });
        overdue.forEach(begunElsewhere::remove);
        open.addAll(overdue);
    }

    /** How many parts this process has computed. */
    synchronized int computedHere() {
        return computedHere;
    }

    @Override
    public synchronized void close() {
        closed = true;
        come.clear();
    }
}
