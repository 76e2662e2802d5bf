package ai.consilium.cases.clinic;

import java.util.Objects;

/**
 * What the simulated clinic makes.
 *
 * @param seed same seed, same cases
 * @param difficulty 0 (clean, clear-cut) to 1 (noisy, faint, borderline numbers)
 * @param traces how their reasoning is written
 * @param trainPerSpecialty cases of each specialty for training
 * @param valPerSpecialty cases of each specialty for choosing
 * @param testPerSpecialty cases of each specialty for reporting
 */
public record ClinicSettings(
        long seed,
        double difficulty,
        TraceStyle traces,
        int trainPerSpecialty,
        int valPerSpecialty,
        int testPerSpecialty) {
    private static final int MOST = 100_000;

    /** Checks. @throws IllegalArgumentException naming the key */
    public ClinicSettings {
        if (!(difficulty >= 0 && difficulty <= 1)) {
            throw new IllegalArgumentException("difficulty: must be from 0 to 1, is " + difficulty);
        }
        Objects.requireNonNull(traces, "traces: words or sentences");
        count("train_per_specialty", trainPerSpecialty, 1);
        count("val_per_specialty", valPerSpecialty, 0);
        count("test_per_specialty", testPerSpecialty, 0);
    }

    /** With traces in words. */
    public ClinicSettings(
            long seed, double difficulty, int trainPerSpecialty, int valPerSpecialty, int testPerSpecialty) {
        this(seed, difficulty, TraceStyle.WORDS, trainPerSpecialty, valPerSpecialty, testPerSpecialty);
    }

    private static void count(String key, int value, int least) {
        if (value < least || value > MOST) {
            throw new IllegalArgumentException(key + ": must be from " + least + " to " + MOST + ", is " + value);
        }
    }
}
