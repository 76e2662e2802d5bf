package ai.consilium.monitor.state;

/** How many a second over the last half minute, by the times of the records, so that catching up shows no burst. */
final class RateWindow {
    private static final int SECONDS = 30;
    private static final long WINDOW_MS = SECONDS * 1000L;

    private final long[] amounts = new long[SECONDS + 1];
    private final long[] seconds = new long[SECONDS + 1];
    private long total;
    private long firstMs = Long.MAX_VALUE;

    void add(long atMs, long amount) {
        total += amount;
        firstMs = Math.min(firstMs, atMs);
        long second = Math.floorDiv(atMs, 1000L);
        int slot = (int) Math.floorMod(second, (long) amounts.length);
        if (seconds[slot] < second) {
            seconds[slot] = second;
            amounts[slot] = 0;
        }
        if (seconds[slot] == second) {
            amounts[slot] += amount;
        }
    }

    long total() {
        return total;
    }

    double perSecond(long nowMs) {
        long now = Math.floorDiv(nowMs, 1000L);
        long recent = 0;
        for (int slot = 0; slot < amounts.length; slot++) {
            if (seconds[slot] > now - SECONDS && seconds[slot] <= now) {
                recent += amounts[slot];
            }
        }
        // A young run has not filled the window: divide by its age, but never by a split second.
        long spanMs = Math.max(1_000, Math.min(WINDOW_MS, nowMs - Math.min(firstMs, nowMs)));
        return recent * 1000.0 / spanMs;
    }
}
