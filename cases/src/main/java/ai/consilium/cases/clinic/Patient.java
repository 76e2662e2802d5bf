package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case.Finding;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * One simulated patient.
 *
 * @param scene what the image shows
 * @param context what the text says, by name, in order
 * @param assessment what the rule concludes from both
 */
public record Patient(Scene scene, Map<String, String> context, Assessment assessment) {
    public Patient {
        context = Collections.unmodifiableMap(new LinkedHashMap<>(context));
    }

    /** A finding from the text. */
    static Finding told(String name, String value, boolean abnormal) {
        return new Finding(name, value, "text", abnormal);
    }

    /** A number from the text, read as high or normal. */
    static Finding high(String name, boolean high) {
        return told(name, high ? "high" : "normal", high);
    }

    /**
     * A number from low to high that falls on either side of a threshold equally often. The easier the clinic, the wider
     * the gap that it leaves at the threshold.
     *
     * @param threshold first value of the upper side
     */
    static int around(Random random, int low, int threshold, int high, double difficulty) {
        double gap = 0.3 * (1 - difficulty);
        if (random.nextBoolean()) {
            int first = threshold + (int) (gap * (high - threshold));
            return first + random.nextInt(high - first + 1);
        }
        int last = threshold - 1 - (int) (gap * (threshold - 1 - low));
        return low + random.nextInt(last - low + 1);
    }
}
