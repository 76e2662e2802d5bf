package ai.consilium.policy.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ComputeTest {
    private static Thread caller(Compute compute, Compute.Urgency urgency, Runnable job) {
        Thread thread = new Thread(() -> {
            try {
                compute.call(urgency, () -> {
                    job.run();
                    return true;
                });
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void givenWaitingJobsWhenAThreadIsFreeThenTheMostUrgentGoesFirst() throws InterruptedException {
        assertThat(order(Compute.Urgency.TRAIN)).containsExactly("TRAIN", "SAMPLE", "EVALUATE");
        assertThat(order(Compute.Urgency.SAMPLE)).containsExactly("SAMPLE", "TRAIN", "EVALUATE");
    }

    private static List<String> order(Compute.Urgency first) throws InterruptedException {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch go = new CountDownLatch(1);
        try (Compute compute = new Compute(1, first)) {
            List<Thread> callers = new ArrayList<>();
            callers.add(caller(compute, Compute.Urgency.EVALUATE, () -> awaitQuietly(go)));
            await().until(() -> !compute.usage().wall().isZero());
            for (Compute.Urgency urgency :
                    List.of(Compute.Urgency.EVALUATE, Compute.Urgency.SAMPLE, Compute.Urgency.TRAIN)) {
                Thread thread = caller(compute, urgency, () -> order.add(urgency.name()));
                await().until(() -> thread.getState() == Thread.State.WAITING);
                callers.add(thread);
            }
            go.countDown();
            for (Thread thread : callers) {
                thread.join();
            }
        }

        return order;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void givenAJobThatFailsThenItsOwnExceptionReachesTheCallerAndTheThreadLivesOn() throws InterruptedException {
        try (Compute compute = new Compute(1)) {
            IOException failure = new IOException("disk");
            assertThatThrownBy(() -> compute.call(Compute.Urgency.TRAIN, () -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThat(compute.call(
                            Compute.Urgency.TRAIN, () -> Thread.currentThread().getName()))
                    .isEqualTo("compute-1");
        }
    }

    @Test
    void givenAJobCalledFromAComputeThreadThenItRunsInline() throws InterruptedException {
        try (Compute compute = new Compute(1)) {
            String name = compute.call(
                    Compute.Urgency.TRAIN,
                    () -> compute.call(
                            Compute.Urgency.EVALUATE,
                            () -> Thread.currentThread().getName()));
            assertThat(name).isEqualTo("compute-1");
        }
    }

    @Test
    void givenAnInterruptedCallerThenItsJobHasStoppedBeforeTheCallReturns() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicReference<Boolean> stoppedAtReturn = new AtomicReference<>();
        try (Compute compute = new Compute(1)) {
            Thread caller = new Thread(() -> {
                try {
                    compute.call(Compute.Urgency.SAMPLE, () -> {
                        started.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } finally {
                            stopped.set(true);
                        }
                        return true;
                    });
                } catch (InterruptedException e) {
                    stoppedAtReturn.set(stopped.get());
                }
            });
            caller.start();
            started.await();
            caller.interrupt();
            caller.join();
            assertThat(stoppedAtReturn.get()).isTrue();
            assertThat(compute.call(
                            Compute.Urgency.SAMPLE, () -> Thread.currentThread().isInterrupted()))
                    .isFalse();
        }
    }

    @Test
    void givenOneOfTwoThreadsAtWorkThenTheOtherOnesTimeCountsAsWaiting() throws InterruptedException {
        try (Compute compute = new Compute(2)) {
            assertThat(compute.usage().wall()).isZero();
            compute.call(Compute.Urgency.TRAIN, () -> {
                await().until(() -> compute.usage().wall().toMillis() >= 50);
                return true;
            });
            Compute.Usage usage = compute.usage();
            assertThat(usage.busy().plus(usage.waiting()))
                    .isEqualTo(usage.wall().multipliedBy(2));
            assertThat(usage.busy().toMillis()).isGreaterThanOrEqualTo(49);
            assertThat(usage.waiting().toMillis()).isGreaterThanOrEqualTo(49);
            compute.resetUsage();
            assertThat(compute.usage().wall()).isZero();
        }
    }

    @Test
    void givenALongPieceThenItsCallerIsToldMeanwhileAndItsEffortGrows() throws InterruptedException {
        AtomicReference<Duration> effort = new AtomicReference<>(Duration.ZERO);
        try (Compute compute = new Compute(1)) {
            Duration before = compute.effort();
            Thread caller = Thread.currentThread();
            AtomicReference<Thread> told = new AtomicReference<>();
            compute.share(
                    Compute.Urgency.TRAIN,
                    1,
                    1,
                    number -> {
                        while (Objects.requireNonNull(effort.get()).isZero()) {
                            Thread.onSpinWait();
                        }
                    },
                    () -> {
                        told.set(Thread.currentThread());
                        effort.set(compute.effort().minus(before));
                    });
            assertThat(told.get()).isSameAs(caller);
            assertThat(effort.get()).isPositive();
        }
    }
}
