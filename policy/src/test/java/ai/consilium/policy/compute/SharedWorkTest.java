package ai.consilium.policy.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedWorkTest {
    private static final Runnable NOTHING = () -> {};

    private static void share(Compute compute, int pieces, int atOnce, Compute.Piece piece)
            throws InterruptedException {
        compute.share(Compute.Urgency.TRAIN, pieces, atOnce, piece, NOTHING);
    }

    @Test
    void givenMorePiecesThanThreadsThenEachIsDoneOnceAndNoMoreAtOnceThanAllowed() throws InterruptedException {
        List<Integer> done = Collections.synchronizedList(new ArrayList<>());
        Set<Thread> by = ConcurrentHashMap.newKeySet();
        CyclicBarrier two = new CyclicBarrier(2);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Compute compute = new Compute(3)) {
            share(compute, 8, 2, number -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                by.add(Thread.currentThread());
                try {
                    two.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw e;
                } catch (Exception alone) {
                    throw new IllegalStateException("nobody else took a piece", alone);
                }
                done.add(number);
                running.decrementAndGet();
            });
            share(compute, 0, 2, number -> done.add(-1));
        }
        assertThat(done)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 8).boxed().toList());
        assertThat(most.get()).isEqualTo(2);
        assertThat(by).hasSize(2);
    }

    @Test
    void givenAPieceThatFailsThenItsExceptionReachesTheCallerAndTheOthersHaveStopped() {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<String> other = new AtomicReference<>("");
        IllegalStateException failure = new IllegalStateException("not finite");
        List<Integer> begun = Collections.synchronizedList(new ArrayList<>());
        try (Compute compute = new Compute(2)) {
            assertThatThrownBy(() -> share(compute, 50, 2, number -> {
                        begun.add(number);
                        if (number == 0) {
                            started.await();
                            throw failure;
                        }
                        started.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } finally {
                            other.set("stopped");
                        }
                    }))
                    .isSameAs(failure);
        }
        assertThat(other.get()).isEqualTo("stopped");
        assertThat(begun).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void givenAnInterruptedCallerThenNothingRunsAnyMoreWhenItReturns() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(2);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger atReturn = new AtomicInteger(-1);
        try (Compute compute = new Compute(2)) {
            Thread caller = new Thread(() -> {
                try {
                    share(compute, 4, 2, number -> {
                        running.incrementAndGet();
                        started.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } finally {
                            running.decrementAndGet();
                        }
                    });
                } catch (InterruptedException e) {
                    atReturn.set(running.get());
                }
            });
            caller.start();
            started.await();
            caller.interrupt();
            caller.join();
            assertThat(atReturn.get()).isZero();
            assertThat(compute.call(
                            Compute.Urgency.TRAIN, () -> Thread.currentThread().isInterrupted()))
                    .isFalse();
        }
    }

    @Test
    void givenOtherWorkOnTheSecondThreadThenOneThreadDoesAllPiecesAndNobodyWaitsForTheOther()
            throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch holding = new CountDownLatch(1);
        try (Compute compute = new Compute(2)) {
            Compute.Pending<Boolean> other = compute.submit(
                    Compute.Urgency.SAMPLE,
                    () -> {
                        holding.countDown();
                        held.await();
                        return true;
                    },
                    NOTHING);
            holding.await();
            AtomicInteger done = new AtomicInteger();
            share(compute, 3, 2, number -> done.incrementAndGet());
            assertThat(done.get()).isEqualTo(3);
            held.countDown();
            assertThat(other.result()).isTrue();
        }
    }

    @Test
    void givenThreadsThatAreClosedMeanwhileThenTheCallerIsTold() throws InterruptedException {
        AtomicReference<Throwable> told = new AtomicReference<>(new IllegalStateException("nothing was thrown"));
        CountDownLatch held = new CountDownLatch(1);
        Compute compute = new Compute(1);
        compute.submit(
                Compute.Urgency.TRAIN,
                () -> {
                    held.await();
                    return true;
                },
                NOTHING);
        Thread caller = new Thread(() -> {
            try {
                share(compute, 2, 1, number -> {});
            } catch (Exception e) {
                told.set(e);
            }
        });
        caller.start();
        await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
        compute.close();
        caller.join();
        assertThat(told.get()).hasMessage("the compute threads are closed");
    }
}
