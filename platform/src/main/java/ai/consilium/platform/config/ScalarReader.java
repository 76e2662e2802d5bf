package ai.consilium.platform.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One written value to one typed value. */
final class ScalarReader {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private ScalarReader() {}

    /** Empty when the text is no such value; {@link #expected} says what would be. */
    static Optional<Object> read(String text, Class<?> type) {
        try {
            if (type == String.class) {
                return Optional.of(text);
            } else if (type == int.class || type == Integer.class) {
                return Optional.of(Integer.valueOf(text));
            } else if (type == long.class || type == Long.class) {
                return Optional.of(Long.valueOf(text));
            } else if (type == double.class || type == Double.class) {
                return number(text);
            } else if (type == boolean.class || type == Boolean.class) {
                return List.of("true", "false").contains(text) ? Optional.of(Boolean.valueOf(text)) : Optional.empty();
            } else if (type == Duration.class) {
                return duration(text);
            } else if (type == Path.class) {
                return Optional.of(Path.of(text));
            } else if (type.isEnum()) {
                return Arrays.stream(type.getEnumConstants())
                        .filter(constant -> word(constant).equals(text.toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .map(constant -> constant);
            }
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        throw new IllegalStateException("a configuration record cannot hold a " + type.getName());
    }

    private static Optional<Object> number(String text) {
        double value = Double.parseDouble(text);
        return Double.isFinite(value) ? Optional.of(value) : Optional.empty();
    }

    private static Optional<Object> duration(String text) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(parts.group(1));
        return Optional.of(
                switch (parts.group(2)) {
                    case "ms" -> Duration.ofMillis(count);
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    default -> Duration.ofHours(count);
                });
    }

    /** What a value of the type looks like. */
    static String expected(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        } else if (type == double.class || type == Double.class) {
            return "a number";
        } else if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        } else if (type == Duration.class) {
            return "a duration like 500ms, 10s, 5m or 2h";
        } else if (type.isEnum()) {
            return "one of "
                    + String.join(
                            ", ",
                            Arrays.stream(type.getEnumConstants())
                                    .map(ScalarReader::word)
                                    .toList());
        }
        return "a text";
    }

    private static String word(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
    }
}
