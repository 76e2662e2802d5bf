package ai.consilium.policy.training;

import java.util.List;

/**
 * How far a policy is from its teacher at a token, and so what it follows (docs/algorithms.md, Consolidation).
 *
 * @param divergence what is computed of it
 * @param cap largest importance weight of a token that an older policy sampled; for {@link Divergence#SAMPLED}
 */
public record Distillation(Divergence divergence, double cap) {
    /** Over the whole vocabulary, or by the sampled token alone. */
    public enum Divergence {
        /** KL(policy ‖ teacher) over every id: exact, and needs the logits of both at once. */
        FULL,
        /** A policy gradient whose advantage is log teacher − log policy of the sampled token. */
        SAMPLED
    }

    /**
     * A group and who teaches it.
     *
     * @param group advantages are not looked at
     * @param teacher a name in {@link Teachers}
     */
    public record Lesson(Trainer.Group group, String teacher) {}

    /**
     * Rewards that are followed beside the teachers.
     *
     * @param distillation weight of the divergence
     * @param reward weight of the policy gradient
     * @param loss of the policy gradient, without a penalty on the distance to a reference
     * @param groups with their advantages: those of the lessons, whatever leaves this loss alone masked
     */
    public record Reward(double distillation, double reward, PolicyLoss loss, List<Trainer.Group> groups) {}

    /** Refuses what cannot be meant. */
    public Distillation {
        if (!(cap >= 1)) {
            throw new IllegalArgumentException("the largest importance weight must be at least 1, not " + cap);
        }
    }
}
