package ai.consilium.monitor.state;

import java.util.ArrayDeque;
import java.util.Deque;

/** Tokens a second over the last half minute, by the times of the records, so that catching up shows no burst. */
final class TokenRate {
    private static final long WINDOW_MS = 30_000;

    private record Sample(long atMs, int tokens) {}

    private final Deque<Sample> window = new ArrayDeque<>();
    private long total;
    private long firstMs = Long.MAX_VALUE;

    void add(long atMs, int tokens) {
        total += tokens;
        firstMs = Math.min(firstMs, atMs);
        window.add(new Sample(atMs, tokens));
        while (window.size() > 1 && window.element().atMs() < atMs - WINDOW_MS) {
            window.remove();
        }
    }

    long total() {
        return total;
    }

    double perSecond(long nowMs) {
        long from = nowMs - WINDOW_MS;
        long tokens = window.stream()
                .filter(sample -> sample.atMs() > from && sample.atMs() <= nowMs)
                .mapToLong(Sample::tokens)
                .sum();
        // A young run has not filled the window: divide by its age, but never by a split second.
        long spanMs = Math.max(1_000, Math.min(WINDOW_MS, nowMs - Math.min(firstMs, nowMs)));
        return tokens * 1000.0 / spanMs;
    }
}
