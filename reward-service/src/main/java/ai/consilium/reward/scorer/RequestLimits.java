package ai.consilium.reward.scorer;

import static ai.consilium.platform.config.Require.require;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a remote scorer may be asked.
 *
 * @param concurrency requests at a time, in one process; null leaves it to {@code reward.concurrency}
 * @param perSecond requests a second, in one process; null for as many as come
 * @param batch most trajectories in a request
 * @param retries tries after the first
 * @param backoff before the first retry; doubles with each, give or take a quarter
 */
public record RequestLimits(
        @Nullable Integer concurrency, @Nullable Double perSecond, int batch, int retries, Duration backoff) {
    /** One trajectory a request, one try. */
    public static final RequestLimits ONE_TRY = new RequestLimits(null, null, 1, 0, Duration.ZERO);

    private static final int MOST_CONCURRENCY = 256;
    private static final int MOST_BATCH = 1024;

    /** Refuses a number of requests at a time that is out of bounds. */
    public static void requireConcurrency(int concurrency) {
        require(
                concurrency >= 1 && concurrency <= MOST_CONCURRENCY,
                "concurrency: must be 1 to " + MOST_CONCURRENCY + ", not " + concurrency);
    }

    /** Refuses a rate that is out of bounds. */
    public static void requireRate(double perSecond) {
        require(perSecond >= 0.01 && perSecond <= 10_000, "per_second: must be 0.01 to 10000, not " + perSecond);
    }

    /** Refuses a number of trajectories in a request that is out of bounds. */
    public static void requireBatch(int batch) {
        require(batch >= 1 && batch <= MOST_BATCH, "batch: must be 1 to " + MOST_BATCH + ", not " + batch);
    }
}
