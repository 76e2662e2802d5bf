package ai.consilium.learner.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Linear warm-up, then a schedule. Pure. */
public final class LearningRate {
    /** How the rate falls after the warm-up. */
    enum Schedule {
        CONSTANT {
            @Override
            double left(double decayed, double finalFraction) {
                return 1;
            }
        },
        LINEAR {
            @Override
            double left(double decayed, double finalFraction) {
                return 1 - (1 - finalFraction) * decayed;
            }
        },
        COSINE {
            @Override
            double left(double decayed, double finalFraction) {
                return finalFraction + (1 - finalFraction) * (1 + Math.cos(Math.PI * decayed)) / 2;
            }
        };

        /** By the name that stands in the configuration. @throws IllegalArgumentException naming the schedules there are */
        static Schedule named(String name) {
            List<String> names = Arrays.stream(values())
                    .map(schedule -> schedule.name().toLowerCase(Locale.ROOT))
                    .toList();
            LossConfig.requireOneOf("lr_scheduler_type", names, name);
            return values()[names.indexOf(name)];
        }

        /** Share of the peak once a share of the steps after the warm-up is done. */
        abstract double left(double decayed, double finalFraction);

        /**
         * Rate of a step.
         *
         * @param peak largest rate
         * @param step 1 for the first
         * @param steps length of the schedule
         * @param warmup steps until the peak is reached
         * @param finalFraction share of the peak that the decay heads for
         */
        public double at(double peak, double step, double steps, double warmup, double finalFraction) {
            if (step < warmup) {
                return peak * step / warmup;
            }
            double peakAt = Math.max(warmup, 1);
            double after = Math.max(steps - peakAt, 1);
            double decayed = Math.min(1, Math.max(0, step - peakAt) / after);
            return peak * left(decayed, finalFraction);
        }
    }

    /** The linear schedule's {@link Schedule#at}. */
    public static double at(double peak, double step, double steps, double warmup, double finalFraction) {
        return Schedule.LINEAR.at(peak, step, steps, warmup, finalFraction);
    }

    private LearningRate() {}
}
