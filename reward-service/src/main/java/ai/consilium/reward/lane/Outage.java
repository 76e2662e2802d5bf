package ai.consilium.reward.lane;

import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a scorer answers at all: down once its last tries all failed, up again once one succeeds; while it is down, one try
 * is let through at a time. A circuit breaker that remembers since when and why. Thread-safe.
 */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final float ALL = 100;

    /** Since when, by {@link System#nanoTime()}. */
    private record Down(long sinceNs) {}

    private final String scorer;
    private final CircuitBreaker breaker;
    private volatile @Nullable Down down;
    private volatile String lastReason = "";

    Outage(String scorer, RewardConfig.Breaker config) {
        this.scorer = scorer;
        this.breaker = CircuitBreaker.of(
                scorer,
                CircuitBreakerConfig.custom()
                        .slidingWindowType(SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(config.failures())
                        .minimumNumberOfCalls(config.failures())
                        .failureRateThreshold(ALL)
                        .waitDurationInOpenState(config.pause())
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .build());
        breaker.getEventPublisher().onStateTransition(event -> changed(event.getStateTransition()));
    }

    private void changed(StateTransition transition) {
        if (transition == StateTransition.CLOSED_TO_OPEN) {
            down = new Down(System.nanoTime());
            LOG.atWarn()
                    .addKeyValue("scorer", scorer)
                    .addKeyValue("reason", lastReason)
                    .log("scorer is down");
        } else if (transition == StateTransition.HALF_OPEN_TO_CLOSED) {
            LOG.atInfo()
                    .addKeyValue("scorer", scorer)
                    .addKeyValue("downSeconds", lasted().toSeconds())
                    .log("scorer answers again");
            down = null;
        }
    }

    /** Whether a try may begin; each that does ends with {@link #answered}, {@link #failed} or {@link #withdrawn}. */
    boolean permits() {
        return breaker.tryAcquirePermission();
    }

    /** A try ended with an answer. */
    void answered() {
        breaker.onSuccess(0, TimeUnit.NANOSECONDS);
    }

    /**
     * A try ended without one. One after the other: of tries that fail at once the breaker lets one open it, and the others go on
     * before it is open, so that they would be taken for failures of a scorer that is up.
     */
    synchronized void failed(ScorerUnavailableException failure) {
        lastReason = failure.reason();
        breaker.onError(0, TimeUnit.NANOSECONDS, failure);
    }

    /** A try ended, and says nothing of the scorer. */
    void withdrawn() {
        breaker.releasePermission();
    }

    boolean isDown() {
        return breaker.getState() != CircuitBreaker.State.CLOSED;
    }

    /** How long it has been down; 0 while it is up. */
    Duration lasted() {
        Down since = down;
        return since == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since.sinceNs());
    }

    /** Why the last failed try failed, for people. */
    String reason() {
        return lastReason;
    }
}
