package ai.consilium.reward.dmn;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** What a table says when several of its rules hold. By the names and letters of DMN. */
enum HitPolicy {
    /** At most one rule holds. */
    UNIQUE("U"),
    /** Those that hold say the same. */
    ANY("A"),
    /** The first one that holds. */
    FIRST("F"),
    /** The sum of what they say. */
    COLLECT_SUM("C+"),
    /** The least of what they say. */
    COLLECT_MIN("C<"),
    /** The greatest. */
    COLLECT_MAX("C>"),
    /** How many hold. */
    COLLECT_COUNT("C#");

    private final String letter;

    HitPolicy(String letter) {
        this.letter = letter;
    }

    /** By the letter in the corner of a table, for example C+. */
    static Optional<HitPolicy> ofLetter(String letter) {
        for (HitPolicy policy : values()) {
            if (policy.letter.equals(letter.strip())) {
                return Optional.of(policy);
            }
        }
        return Optional.empty();
    }

    /** By the attributes of a file, for example COLLECT and SUM. */
    static Optional<HitPolicy> of(String name, String aggregation) {
        String full = name.equals("COLLECT") ? "COLLECT_" + aggregation : name;
        for (HitPolicy policy : values()) {
            if (policy.name().equals(full)) {
                return Optional.of(policy);
            }
        }
        return Optional.empty();
    }

    /**
     * What a table says.
     *
     * @param hits what the rules that hold say, in their order
     * @param where names the table, for messages
     * @return empty where no rule holds; a sum or count is 0 then
     */
    Optional<Object> decide(List<Object> hits, String where) {
        return switch (this) {
            case UNIQUE -> {
                if (hits.size() > 1) {
                    throw new DecisionException(where + ": several rules hold, but its hit policy is UNIQUE: " + hits);
                }
                yield hits.stream().findFirst();
            }
            case ANY -> {
                if (new HashSet<>(hits).size() > 1) {
                    throw new DecisionException(where + ": its rules say different things: " + hits);
                }
                yield hits.stream().findFirst();
            }
            case FIRST -> hits.stream().findFirst();
            case COLLECT_SUM ->
                Optional.of(numbers(hits, where).stream()
                        .reduce(BigDecimal.ZERO, BigDecimal::add)
                        .stripTrailingZeros());
            case COLLECT_COUNT -> Optional.of(new BigDecimal(hits.size()).stripTrailingZeros());
            case COLLECT_MIN -> extreme(hits, where, BigDecimal::min);
            case COLLECT_MAX -> extreme(hits, where, BigDecimal::max);
        };
    }

    private static Optional<Object> extreme(List<Object> hits, String where, BinaryOperator<BigDecimal> choice) {
        return numbers(hits, where).stream().reduce(choice).map(Objects::requireNonNull);
    }

    private static List<BigDecimal> numbers(List<Object> hits, String where) {
        return hits.stream()
                .map(hit -> {
                    if (hit instanceof BigDecimal number) {
                        return number;
                    }
                    throw new DecisionException(where + ": collects numbers, not '" + hit + "'");
                })
                .toList();
    }
}
