package ai.consilium.reward.rubric;

import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.MapperBuilder;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Reads rubrics from YAML, JSON or TOML (docs/REWARDS.md): a file of the user's, or one that is shipped. */
public final class RubricFile {
    /** How the configuration names a shipped rubric, for example {@code shipped:analytical}. */
    static final String SHIPPED_PREFIX = "shipped:";

    /** For words, and for sentences. */
    private static final List<String> SHIPPED = List.of(
            "differential",
            "intuitive",
            "analytical",
            "bayesian",
            "clinical/differential",
            "clinical/intuitive",
            "clinical/analytical",
            "clinical/bayesian",
            "held-out/differential",
            "held-out/intuitive",
            "held-out/analytical",
            "held-out/bayesian");

    /** Published rules of the clinic. */
    private static final List<String> TABLES = List.of("curb-65", "imci-cough", "icdr", "seven-point");

    /** It goes to the log with the rubric. */
    private static final long LARGEST_TABLE = 256 << 10;

    private static final ObjectMapper YAML = strict(YAMLMapper.builder());
    /** JSON is YAML but for its tabs. */
    private static final ObjectMapper JSON = strict(JsonMapper.builder());
    /** It takes nothing twice by itself. */
    private static final ObjectMapper TOML = strict(TomlMapper.builder());

    private static ObjectMapper strict(MapperBuilder<?, ?> builder) {
        return builder.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
    }

    /**
     * Reads a rubric that needs no judge.
     *
     * @param key of the configuration, or option, that names the file
     * @param file a path relative to {@code base}, or a shipped one's name
     * @throws UsageException naming file, line and field
     */
    public static Rubric read(String key, String file, Path base) {
        Rubric rubric = readWithJudged(key, file, base);
        if (!rubric.judged().isEmpty()) {
            throw new UsageException(key + ": " + file + ": criterion '"
                    + rubric.judged().get(0).label()
                    + "' is for a judge, which only a scorer of type rubric asks (reward.scorers)");
        }
        return rubric;
    }

    /**
     * Reads any rubric, also those of other projects, whose criteria are for a judge.
     *
     * @param key of the configuration, or option, that names the file
     * @param file a path relative to {@code base}, or a shipped one's name
     * @throws UsageException naming file, line and field
     */
    public static Rubric readWithJudged(String key, String file, Path base) {
        try {
            if (file.startsWith(SHIPPED_PREFIX)) {
                return parse(file, shipped(key, file), base);
            }
            Path path = base.resolve(file);
            if (!Files.isRegularFile(path)) {
                throw new UsageException(key + ": no such rubric file: " + path);
            }
            return parse(path.toString(), Files.readString(path), Objects.requireNonNullElse(path.getParent(), base));
        } catch (IOException failed) {
            throw new UsageException(key + ": cannot read " + file + ": " + failed, failed);
        }
    }

    private static String shipped(String key, String file) throws IOException {
        String name = file.substring(SHIPPED_PREFIX.length());
        if (!SHIPPED.contains(name)) {
            throw new UsageException(key + ": '" + file + "' does not exist; the rubrics included are " + SHIPPED);
        }
        return resource("rubrics/" + name + ".yaml");
    }

    /** @param beside directory that the rubric's own files are relative to */
    private static Rubric parse(String name, String text, Path beside) {
        if (text.isBlank()) {
            throw new UsageException(name + ":1: the rubric is empty");
        }
        ObjectMapper mapper = mapper(name.toLowerCase(Locale.ROOT));
        try {
            Optional<Rubric> foreign = ForeignRubric.read(mapper, baseName(name), text);
            if (foreign.isPresent()) {
                return foreign.get();
            }
            Rubric rubric = mapper.readValue(text, Rubric.class);
            if (rubric == null) {
                throw new UsageException(name + ":1: the rubric is empty");
            }
            return rubric.resolved(file -> table(file, beside));
        } catch (IllegalArgumentException unusable) {
            throw new UsageException(name + ": " + unusable.getMessage(), unusable);
        } catch (JsonProcessingException broken) {
            int line = broken.getLocation() == null ? 1 : broken.getLocation().getLineNr();
            throw new UsageException(name + ":" + line + ": " + reason(broken), broken);
        }
    }

    private static ObjectMapper mapper(String name) {
        return name.endsWith(".json") ? JSON : name.endsWith(".toml") ? TOML : YAML;
    }

    /** Of a file: what stands before the ending. */
    private static String baseName(String name) {
        String file = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1);
        int ending = file.lastIndexOf('.');
        return ending <= 0 ? file : file.substring(0, ending);
    }

    /** Text of a decision table. */
    private static String table(String file, Path beside) {
        try {
            if (file.startsWith(SHIPPED_PREFIX)) {
                String name = file.substring(SHIPPED_PREFIX.length());
                if (!TABLES.contains(name)) {
                    throw new IllegalArgumentException(
                            "'" + file + "' does not exist; the tables included are " + TABLES);
                }
                return resource("tables/" + name + ".dmn");
            }
            Path path = beside.resolve(file);
            if (!Files.isRegularFile(path)) {
                throw new IllegalArgumentException("no such decision table: " + path);
            }
            if (Files.size(path) > LARGEST_TABLE) {
                throw new IllegalArgumentException(path + ": is larger than " + LARGEST_TABLE + " bytes");
            }
            return Files.readString(path);
        } catch (IOException failed) {
            throw new IllegalArgumentException("cannot read " + file + ": " + failed, failed);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = RubricFile.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String reason(JsonProcessingException broken) {
        Throwable cause = broken.getCause();
        String message = broken.getOriginalMessage();
        if (cause instanceof IllegalArgumentException || cause instanceof NullPointerException) {
            message = String.valueOf(cause.getMessage());
        }
        if (broken instanceof UnrecognizedPropertyException unknown) {
            message =
                    "unknown field, there are " + Objects.requireNonNullElse(unknown.getKnownPropertyIds(), List.of());
        }
        if (message.startsWith("Trailing token")) {
            message = "more than one document stands there; a rubric is one";
        }
        if (message.startsWith("Cannot map `null` into type")) {
            message = "is missing";
        }
        String path = broken instanceof JsonMappingException mapping ? fields(mapping) : "";
        return (path + message).replaceAll("\\s*\\R\\s*", " ");
    }

    private static String fields(JsonMappingException mapping) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.isEmpty() ? "" : path + ": ";
    }

    private RubricFile() {}
}
