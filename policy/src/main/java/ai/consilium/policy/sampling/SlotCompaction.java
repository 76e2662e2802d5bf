package ai.consilium.policy.sampling;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * How the first slots are kept filled when some of them fall free: the last ones move there.
 *
 * @param inOrder what is left, by its new slot
 * @param to slots that are filled anew
 * @param from where their new content lies
 */
record SlotCompaction<T>(List<T> inOrder, long[] to, long[] from) {

    /** @param stays whether what lies in a slot stays */
    static <T> SlotCompaction<T> of(List<T> slots, Predicate<T> stays) {
        int left = (int) slots.stream().filter(stays).count();
        List<T> inOrder = new ArrayList<>(slots.subList(0, left));
        List<Long> to = new ArrayList<>();
        List<Long> from = new ArrayList<>();
        int last = slots.size();
        for (int slot = 0; slot < left; slot++) {
            if (!stays.test(slots.get(slot))) {
                do {
                    last--;
                } while (!stays.test(slots.get(last)));
                inOrder.set(slot, slots.get(last));
                to.add((long) slot);
                from.add((long) last);
            }
        }
        return new SlotCompaction<>(inOrder, longs(to), longs(from));
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
