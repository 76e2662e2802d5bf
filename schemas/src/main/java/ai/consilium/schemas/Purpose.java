package ai.consilium.schemas;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a group is for. Text rather than an enum of the schema: a reader that does not know a
 * symbol could not read the record, and could not refuse it by name.
 */
public final class Purpose {
    /** Trained on by policy gradient. */
    public static final String RL = "rl";
    /** Trained on by distillation alone: nobody waits for scores. */
    public static final String DISTILL = "distill";
    /** Trained on by distillation and by policy gradient together. */
    public static final String DISTILL_REWARDED = "distill_rewarded";
    /** Measured and never trained on; may be sampled greedily. */
    public static final String VALIDATION = "validation";

    private static final List<String> ALL = List.of(RL, DISTILL, DISTILL_REWARDED, VALIDATION);

    private Purpose() {}

    /** What is wrong with a purpose, in words; null when nothing is. */
    public static @Nullable String problem(String purpose) {
        return ALL.contains(purpose) ? null : "purpose '" + purpose + "' is none of " + String.join(", ", ALL);
    }

    /** What is wrong with a purpose or the temperature that its samples are drawn at, in words; null when nothing is. */
    public static @Nullable String problem(String purpose, double temperature) {
        if (temperature == 0 && !purpose.equals(VALIDATION)) {
            String unknown = problem(purpose);
            return unknown != null ? unknown : "temperature 0 is for purpose " + VALIDATION + " only, not " + purpose;
        }
        return temperature >= 0 && Double.isFinite(temperature) ? problem(purpose) : "temperature is " + temperature;
    }
}
