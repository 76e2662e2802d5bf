package ai.consilium.reward.scorer.http;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.reward.scorer.Verdict;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The range that a reward server's scores lie in, mapped to [0, 1]. */
record ScoreScale(double low, double high) {
    static final ScoreScale UNIT = new ScoreScale(0, 1);

    /** From the key {@code scale}; null is [0, 1]. */
    static ScoreScale of(@Nullable List<Double> scale) {
        if (scale == null) {
            return UNIT;
        }
        boolean range =
                scale.size() == 2 && Double.isFinite(scale.get(1) - scale.get(0)) && scale.get(0) < scale.get(1);
        require(range, "scale: must be [lowest, highest], for example [-1, 1], not " + scale);
        return new ScoreScale(scale.get(0), scale.get(1));
    }

    /** A score outside of the range is none: it would have to be cut, and hide that the range is another one. */
    Verdict verdict(double value, List<String> evidence) {
        if (!(value >= low && value <= high)) {
            return new Verdict.Unscored("score " + value + " is not in [" + plain(low) + ", " + plain(high) + "]");
        }
        double mapped = (value - low) / (high - low);
        return new Verdict.Scored(Math.min(1, Math.max(0, mapped)), evidence);
    }

    private static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
