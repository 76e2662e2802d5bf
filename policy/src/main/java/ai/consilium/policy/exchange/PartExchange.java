package ai.consilium.policy.exchange;

import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Others that compute parts of the same policy-gradient step. A part's gradient has the same bits whoever computes it, and the sum
 * is made in the order of the parts, so that the step has the bits of one that nobody shared.
 */
@FunctionalInterface
public interface PartExchange {
    /** Nobody else. */
    PartExchange NOBODY = OwnParts::new;

    /** Begins to go through a batch. @param parts how many it has */
    Pass begin(int parts);

    /** Who computes which part. Compute threads take parts; the thread that began it waits for those of others. */
    interface Pass extends AutoCloseable {
        /** How many parts nobody computes yet. */
        int open();

        /** Takes the first of these. @return empty when there is none any more */
        OptionalInt take();

        /** What was taken is computed. */
        void computed(int part);

        /**
         * Waits until parts have come from others, or are open again because nobody has heard of them for too long.
         *
         * @return what has come of parts that are not computed here; each once
         */
        SortedMap<Integer, PartGradient> await() throws InterruptedException;

        /** What comes now is of no use. */
        @Override
        void close();
    }

    /** All of them are computed here. */
    final class OwnParts implements Pass {
        private final int parts;
        private final AtomicInteger next = new AtomicInteger();

        OwnParts(int parts) {
            this.parts = parts;
        }

        @Override
        public int open() {
            return Math.max(0, parts - next.get());
        }

        @Override
        public OptionalInt take() {
            int part = next.getAndIncrement();
            return part < parts ? OptionalInt.of(part) : OptionalInt.empty();
        }

        @Override
        public void computed(int part) {
            // Nobody waits for it.
        }

        @Override
        public SortedMap<Integer, PartGradient> await() {
            return new TreeMap<>();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
