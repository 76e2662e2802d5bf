package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerTypes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A message that tells a person to change a configuration key names one that exists. */
class MessageKeysTest {
    private static final Pattern LITERAL = Pattern.compile("\"((?:\\\\.|[^\"\\\\])*)\"");
    private static final Pattern SNAKE_CASE = Pattern.compile("(?<![\\w./])[a-z]+(?:_[a-z0-9]+)+(?![\\w/])");

    /** Words of messages that look like keys: names of an estimator and of a row, a field of a rubric, three of vLLM's words. */
    private static final Set<String> OTHER_WORDS =
            Set.of("dr_grpo", "sft_longer", "at_least", "processed_logprobs", "token_id", "generation_tokens_total");

    /** Paths of defaults.yaml, sections included; an item of a list has the path of its list. */
    private static final Set<String> KEYS = new HashSet<>();

    @BeforeAll
    static void readDefaults() throws IOException {
        try (InputStream stream =
                Objects.requireNonNull(MessageKeysTest.class.getResourceAsStream("/ai/consilium/cli/defaults.yaml"))) {
            collect("", Yaml.mapping(new String(stream.readAllBytes(), StandardCharsets.UTF_8)));
        }
        Stream.concat(
                        Stream.of(RewardConfig.ScorerConfig.class),
                        ScorerTypes.all().stream().map(ScorerType::keys))
                .forEach(record -> collect("reward.scorers.", record));
    }

    /** Keys of a record, and of the records within it. */
    private static void collect(String prefix, Class<?> record) {
        for (RecordComponent component : record.getRecordComponents()) {
            String key = prefix + snakeCase(component.getName());
            KEYS.add(key);
            if (component.getType().isRecord()) {
                collect(key + ".", component.getType());
            }
        }
    }

    @Test
    void givenADottedKeyInAMessageWhenLookedUpThenItExists() throws IOException {
        String sections = KEYS.stream()
                .filter(key -> KEYS.stream().anyMatch(other -> other.startsWith(key + ".")))
                .filter(key -> !key.contains("."))
                .collect(Collectors.joining("|"));
        Pattern dotted = Pattern.compile("(?<![\\w./-])(?:" + sections + ")(?:\\.[a-z_][a-z0-9_]*)+");
        List<String> unknown = new ArrayList<>();
        for (Path source : Sources.in("src/main")) {
            for (String literal : literals(source)) {
                matches(dotted, literal)
                        .filter(key -> !key.endsWith(".py"))
                        .filter(key -> !KEYS.contains(key) && !isKafkas(key))
                        .forEach(key -> unknown.add(source + ": " + key));
            }
        }
        assertThat(unknown).isEmpty();
    }

    /** Models and data sets bring names of their own, which these sources write as their files do. */
    @Test
    void givenAWordLikeAKeyInAMessageWhenLookedUpThenAKeyEndsInIt() throws IOException {
        Set<String> names = KEYS.stream()
                .map(key -> key.substring(key.lastIndexOf('.') + 1))
                .collect(Collectors.toSet());
        List<String> unknown = new ArrayList<>();
        for (Path source : Sources.in("src/main")) {
            if (source.startsWith(Sources.ROOT.resolve("policy"))
                    || source.startsWith(Sources.ROOT.resolve("pretraining"))
                    || source.toString().contains("/cases/importing/")) {
                continue;
            }
            for (String literal : literals(source)) {
                if (literal.contains(" ") || literal.contains(":")) {
                    matches(SNAKE_CASE, literal)
                            .filter(word -> !names.contains(word) && !OTHER_WORDS.contains(word))
                            .forEach(word -> unknown.add(source + ": " + word));
                }
            }
        }
        assertThat(unknown).isEmpty();
    }

    private static List<String> literals(Path source) throws IOException {
        return Files.readString(source)
                .lines()
                .flatMap(line -> LITERAL.matcher(line).results().map(literal -> literal.group(1)))
                .toList();
    }

    private static Stream<String> matches(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.results().map(found -> found.group());
    }

    /** Section {@code kafka} takes the properties of Kafka's clients as they are. */
    private static boolean isKafkas(String key) {
        String property = key.substring(key.indexOf('.') + 1);
        return key.startsWith("kafka.")
                && (ConsumerConfig.configNames().contains(property)
                        || ProducerConfig.configNames().contains(property));
    }

    private static void collect(String path, Map<String, Object> section) {
        section.forEach((key, value) -> {
            String own = path.isEmpty() ? key : path + "." + key;
            KEYS.add(own);
            if (value instanceof Map<?, ?> inner) {
                collect(own, Yaml.mapping(inner));
            } else if (value instanceof List<?> items) {
                items.stream().filter(Map.class::isInstance).forEach(item -> collect(own, Yaml.mapping(item)));
            }
        });
    }

    private static String snakeCase(String component) {
        return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
