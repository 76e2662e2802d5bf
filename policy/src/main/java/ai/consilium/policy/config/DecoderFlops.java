package ai.consilium.policy.config;

/** Multiplications and additions of the decoder's matrices. */
public final class DecoderFlops {
    private DecoderFlops() {}

    /** What a forward pass needs at least: every token through the projections, and those that are predicted through the head. */
    public static double forward(QwenConfig config, long prefixTokens, long predictedTokens) {
        double projections = LoraTarget.all(config).stream()
                .mapToDouble(target -> 2.0 * target.in() * target.out())
                .sum();
        double head = 2.0 * config.hidden() * config.vocabulary();
        return prefixTokens * projections + predictedTokens * (projections + head);
    }
}
