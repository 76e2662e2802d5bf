package ai.consilium.reward.scorer.http;

import java.util.List;

/** What a reward server said of a trajectory, on its own scale. */
sealed interface RawScore {
    /** @param evidence what it rests on, for people */
    record Value(double value, List<String> evidence) implements RawScore {
        public Value {
            evidence = List.copyOf(evidence);
        }

        Value(double value) {
            this(value, List.of());
        }
    }

    /** It says that there is none. */
    record None(String reason) implements RawScore {}
}
