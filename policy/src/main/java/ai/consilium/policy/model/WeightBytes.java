package ai.consilium.policy.model;

import ai.consilium.policy.config.Precision;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a model's weights take once loaded: known from the headers of its files, before anything is read.
 *
 * @param mapped bytes that stay in the files' pages, and may be dropped when memory is short
 * @param copied bytes in memory of the process
 */
public record WeightBytes(long mapped, long copied) {
    /** By the rules of {@link WeightLoader}. */
    public static WeightBytes of(ModelDirectory directory, Precision precision) {
        List<WeightLayout.Slot> slots = new ArrayList<>(WeightLayout.decoder(directory.config()));
        slots.addAll(WeightLayout.vision(directory.config()));
        Set<WeightLayout.Slot> distinct = new LinkedHashSet<>(slots);
        long mapped = 0;
        long copied = 0;
        for (WeightLayout.Slot slot : distinct) {
            long bytes =
                    slot.parts().stream().mapToLong(WeightLayout.Part::size).sum() * precision.bytes();
            if (WeightLoader.staysMapped(directory, slot, precision)) {
                mapped += bytes;
            } else {
                copied += bytes;
            }
        }
        return new WeightBytes(mapped, copied);
    }

    /** Of both. */
    public long total() {
        return mapped + copied;
    }
}
