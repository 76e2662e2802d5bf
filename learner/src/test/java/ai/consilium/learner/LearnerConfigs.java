package ai.consilium.learner;

import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LossConfig;
import java.util.List;
import java.util.Map;

/** Small configurations for tests. */
public final class LearnerConfigs {
    public static LearnerConfig tiny() {
        return tiny(0);
    }

    public static LearnerConfig tiny(int sharedSteps) {
        return of(sharedSteps, 3, "auto", 0, LearnerConfig.Share.ALL);
    }

    /** Of learners that help each other: each group of a batch is a part of its own, and the loss needs the first version. */
    static LearnerConfig helping() {
        return of(2, 3, "on", .1, new LearnerConfig.Share(List.of(), true));
    }

    /** Without a supervised start. */
    static LearnerConfig untaught() {
        return of(0, 0, "auto", 0, LearnerConfig.Share.ALL);
    }

    private static LearnerConfig of(
            int sharedSteps, int ownSteps, String checkpointing, double klCoef, LearnerConfig.Share share) {
        return new LearnerConfig(
                new LearnerConfig.Lora(2, 4, List.of("q_proj", "v_proj")),
                new LearnerConfig.Dsa(Map.of("default", 4), sharedSteps, ownSteps, 4, 1e-3, 0.1, List.of()),
                new LearnerConfig.Rl(1e-3, "linear", 1, 0.5, 0.5, 1),
                loss("dapo", "truncate", klCoef),
                new LearnerConfig.Optimiser(0.9, 0.99, 1e-8, 0, 1, 3),
                new LearnerConfig.Activations(checkpointing, 1024),
                new LearnerConfig.Ckpt(2, false, ""),
                share);
    }

    public static LossConfig loss(String type, String isMode, double klCoef) {
        return loss(type, isMode, "token", klCoef, 0);
    }

    public static LossConfig loss(String type, String isMode, String isLevel, double klCoef, double isLow) {
        return new LossConfig(
                type,
                0.2,
                0.28,
                new LossConfig.Gspo(3e-4, 4e-4),
                new LossConfig.Cispo(5),
                klCoef,
                isMode,
                isLevel,
                2,
                isLow,
                true);
    }

    private LearnerConfigs() {}
}
