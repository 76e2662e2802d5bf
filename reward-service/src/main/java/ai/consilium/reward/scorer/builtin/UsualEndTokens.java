package ai.consilium.reward.scorer.builtin;

import ai.consilium.cases.grading.EndTokens;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** End tokens as a definition holds them: absent where they are the usual ones, as in definitions that know of no others. */
final class UsualEndTokens {
    static @Nullable List<String> unless(EndTokens ends) {
        return ends.equals(EndTokens.TURN_END) ? null : ends.texts();
    }

    static EndTokens or(@Nullable List<String> texts) {
        return texts == null ? EndTokens.TURN_END : new EndTokens(texts);
    }

    private UsualEndTokens() {}
}
