package ai.consilium.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    enum Estimator {
        GRPO,
        GBA
    }

    record Loss(String type, double clipEpsLow, double clipEpsHigh) {
        Loss {
            if (clipEpsLow <= 0) {
                throw new IllegalArgumentException("clip_eps_low must be above 0, is " + clipEpsLow);
            }
            if (clipEpsLow > clipEpsHigh) {
                throw new IllegalArgumentException(
                        "clip_eps_low " + clipEpsLow + " is above clip_eps_high " + clipEpsHigh);
            }
        }
    }

    record Pace(Duration pollEvery, boolean resume, Estimator estimator) {}

    record Kafka(String bootstrapServers, int partitions, Map<String, String> properties) {}

    record Batches(int batchSize, int batches) {
        Batches {
            if (batchSize < 1) {
                throw new IllegalArgumentException("batch_size must be at least 1, not " + batchSize);
            }
        }
    }

    record Sampling(int groupSize, @Inline Batches batches, Pace pace) {
        Sampling {
            if (groupSize > 100 * batches.batchSize()) {
                throw new IllegalArgumentException(
                        "group_size " + groupSize + " is too large for batch_size " + batches.batchSize());
            }
        }
    }

    record Inlined(
            long seed, @Inline Sampling sampling, @Inline Kafkas kafkas) {}

    record Kafkas(Kafka kafka) {}

    interface Shape {}

    record Circle(double radius) implements Shape {
        Circle {
            if (radius <= 0) {
                throw new IllegalArgumentException("radius must be above 0, not " + radius);
            }
        }
    }

    record Square(double side, @Nullable String label) implements Shape {}

    public static final class Shapes implements Variants {
        @Override
        public Map<String, Class<?>> byName() {
            return Map.of("circle", Circle.class, "square", Square.class);
        }
    }

    record Drawn(
            String kind,
            @Inline @Variant(by = "kind", of = Shapes.class) Shape shape) {
        Drawn {
            if (!List.of("circle", "square").contains(kind)) {
                throw new IllegalArgumentException("kind: '" + kind + "' is not one of circle, square");
            }
        }
    }

    record Drawing(Drawn drawn) {}

    record Root(
            long seed,
            List<String> specialties,
            Loss loss,
            Pace pace,
            Map<String, Double> weights,
            @Nullable String note,
            Kafka kafka) {}

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path dir;

    @Test
    void givenDefaultsOnlyWhenLoadedThenTheyAreTyped() {
        Root config = load("");
        assertThat(config.seed()).isEqualTo(1);
        assertThat(config.specialties()).containsExactly("pediatrics", "oncology");
        assertThat(config.loss()).isEqualTo(new Loss("dapo", 0.2, 0.28));
        assertThat(config.pace()).isEqualTo(new Pace(Duration.ofMillis(500), false, Estimator.GBA));
        assertThat(config.weights()).containsExactly(Map.entry("accuracy", 1.0));
        assertThat(config.note()).isNull();
        assertThat(config.kafka()).isEqualTo(new Kafka("", 4, Map.of()));
    }

    @Test
    void givenAllSourcesWhenLoadedThenTheLaterWinsAndSectionsAreJoined() {
        Path file = file("seed: 2\nloss: {type: grpo, clip_eps_low: 0.1}\nweights: {format: 0.5}\n");
        Root config = ConfigLoader.load(
                Root.class,
                List.of("config-defaults.yaml"),
                List.of(file),
                Map.of("CONSILIUM_LOSS__CLIP_EPS_LOW", "0.15", "CONSILIUM_SEED", "3", "PATH", "/bin"),
                List.of("seed=4", "specialties=[a, b]", "pace.poll_every=2h"));
        assertThat(config.seed()).isEqualTo(4);
        assertThat(config.loss()).isEqualTo(new Loss("grpo", 0.15, 0.28));
        assertThat(config.specialties()).containsExactly("a", "b");
        assertThat(config.pace().pollEvery()).isEqualTo(Duration.ofHours(2));
        assertThat(config.weights()).containsOnlyKeys("accuracy", "format");
    }

    @Test
    void givenKafkasOwnKeysWhenLoadedThenTheyPassThroughInTheirSpelling() {
        Root config = load("""
                kafka:
                  security.protocol: SASL_SSL
                  sasl: {mechanism: PLAIN, jaas.config: "login required;"}
                """, "kafka.bootstrap.servers=h:1", "kafka.security.protocol=SSL");
        assertThat(config.kafka().bootstrapServers()).isEqualTo("h:1");
        assertThat(config.kafka().properties())
                .containsOnly(
                        Map.entry("security.protocol", "SSL"),
                        Map.entry("sasl.mechanism", "PLAIN"),
                        Map.entry("sasl.jaas.config", "login required;"));
    }

    @Test
    void givenManyMistakesWhenLoadedThenEachHasALineWithFileLineAndKey() {
        Path file = file("""
                sed: 2
                loss:
                  clip_eps: 0.1
                  type: [a]
                pace:
                  poll_every: 5 minutes
                  resume: yes please
                  estimator: ppo
                clip_eps_high: 0.3
                kafka:
                  partitons: 3
                weights:
                  accuracy: much
                """);
        UsageException refusal = refusal(file, Map.of("CONSILIUM_PACE__NOPE", "1"), "seed=one", "no-value");
        String at = file + ":";
        assertThat(lines(refusal))
                .containsExactlyInAnyOrder(
                        "--set: no-value: expected KEY=VALUE",
                        at + "1: sed: unknown key, did you mean seed?",
                        at + "9: clip_eps_high: unknown key, did you mean loss.clip_eps_high?",
                        "--set: seed: expected a whole number, found 'one'",
                        at + "3: loss.clip_eps: unknown key, did you mean loss.clip_eps_low?",
                        at + "4: loss.type: expected a text, found a list",
                        "CONSILIUM_PACE__NOPE: pace.nope: unknown key",
                        at + "6: pace.poll_every: expected a duration like 500ms, 10s, 5m or 2h, found '5 minutes'",
                        at + "7: pace.resume: expected true or false, found 'yes please'",
                        at + "8: pace.estimator: expected one of grpo, gba, found 'ppo'",
                        at + "13: weights.accuracy: expected a number, found 'much'",
                        at + "11: kafka.partitons: unknown key, did you mean kafka.partitions?");
    }

    @Test
    void givenAValueThatTheRecordRefusesWhenLoadedThenItsKeyAndLineAreNamed() {
        Path file = file("\nloss:\n  clip_eps_low: -1\n");
        assertThat(refusal(file, Map.of()).getMessage())
                .isEqualTo(file + ":3: loss.clip_eps_low: must be above 0, is -1.0");
    }

    @Test
    void givenTwoKeysThatDoNotFitWhenLoadedThenTheOneThatWasSetIsNamed() {
        Path file = file("seed: 2\nloss:\n  clip_eps_high: 0.1\n");
        assertThat(refusal(file, Map.of()).getMessage())
                .isEqualTo(file + ":3: loss.clip_eps_high: clip_eps_low 0.2 is above clip_eps_high 0.1");
        assertThat(refusal(file(""), Map.of(), "loss.clip_eps_low=0.5").getMessage())
                .isEqualTo("--set: loss.clip_eps_low: 0.5 is above clip_eps_high 0.28");
    }

    @Test
    void givenBrokenYamlAndAMissingFileWhenLoadedThenBothAreNamed() {
        Path broken = file("seed: 1\nloss: {type: [\n");
        Path absent = dir.resolve("absent.yaml");
        UsageException refusal = catchThrowableOfType(
                UsageException.class,
                () -> ConfigLoader.load(
                        Root.class, List.of("config-defaults.yaml"), List.of(broken, absent), Map.of(), List.of()));
        assertThat(lines(refusal))
                .hasSize(2)
                .first()
                .asString()
                .startsWith(broken + ":")
                .contains("not YAML");
        assertThat(lines(refusal)).last().isEqualTo(absent + ": no such file");
    }

    @Test
    void givenSomethingTwiceInOneFileWhenLoadedThenItIsRefused() {
        Path file = file("seed: 1\nloss.type: a\nloss: {type: b}\nseed: 2\n");
        assertThat(refusal(file, Map.of()).getMessage()).contains(file + ":4: seed: is given twice");
    }

    @Test
    void givenSecretsWhenShownThenTheyAreHiddenTheRestReadsBackAndTheyMustBeGivenAgain() {
        Path file = file("""
                note: "a: b"
                kafka:
                  sasl.jaas.config: "password=hunter2"
                  ssl.key.password: hunter2
                  schema.registry.url: http://me:hunter2@host
                """);
        String shown = ConfigLoader.read(
                        Root.class, List.of("config-defaults.yaml"), List.of(file), Map.of(), List.of())
                .shown();
        assertThat(shown)
                .doesNotContain("hunter2")
                .contains("clip_eps_low: 0.2")
                .contains("[hidden]");
        String key = "kafka.sasl.jaas.config=password=hunter2";
        Root again = load(shown, key, "kafka.ssl.key.password=hunter2", "kafka.schema.registry.url=http://me@host");
        assertThat(again.note()).isEqualTo("a: b");
        assertThat(again.kafka().properties())
                .containsEntry("sasl.jaas.config", "password=hunter2")
                .containsEntry("ssl.key.password", "hunter2");
        assertThat(lines(refusal(file(shown), Map.of(), key)))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("is a secret, which is not stored"))
                .anySatisfy(line -> assertThat(line).contains("ssl.key.password"));
    }

    @Test
    void givenAWebhookWhenShownThenItsAddressIsHiddenSinceThatMayHoldASecret() {
        Path file = file("""
                kafka:
                  alerts.webhook: https://hooks.example.org/hunter2
                """);
        assertThat(ConfigLoader.read(Root.class, List.of("config-defaults.yaml"), List.of(file), Map.of(), List.of())
                        .shown())
                .doesNotContain("hunter2");
    }

    private static Inlined inlined(String... sets) {
        return ConfigLoader.load(Inlined.class, List.of("inline-defaults.yaml"), List.of(), Map.of(), List.of(sets));
    }

    @Test
    void givenInlineRecordsWhenLoadedThenTheirKeysStandInTheSectionAround() {
        Inlined config = inlined("batch_size=3", "kafka.acks.mode=all");
        assertThat(config.sampling().groupSize()).isEqualTo(10);
        assertThat(config.sampling().batches()).isEqualTo(new Batches(3, 5));
        assertThat(config.sampling().pace().estimator()).isEqualTo(Estimator.GRPO);
        assertThat(config.kafkas().kafka().properties()).containsOnly(Map.entry("acks.mode", "all"));
    }

    @Test
    void givenMistakesInInlineRecordsWhenLoadedThenEachNamesItsKeyAsAnyOther() {
        assertThatThrownBy(() -> inlined("seed=one", "batch_size=0", "pace.resume=perhaps"))
                .hasMessage("--set: seed: expected a whole number, found 'one'\n"
                        + "--set: batch_size: must be at least 1, not 0\n"
                        + "--set: pace.resume: expected true or false, found 'perhaps'");
        assertThatThrownBy(() -> inlined("batch_size=5", "group_size=700"))
                .hasMessage("--set: group_size: 700 is too large for batch_size 5");
        assertThatThrownBy(() -> inlined("batches=null"))
                .hasMessage("--set: batches: expected a whole number, found nothing");
    }

    @Test
    void givenAnUnknownKeyBesideInlineRecordsWhenLoadedThenItIsRefusedOnceAndTheirKeysAreSuggested() {
        assertThatThrownBy(() -> inlined("batch_siez=5", "group_size=700"))
                .hasMessage("--set: batch_siez: unknown key, did you mean batch_size?");
        assertThatThrownBy(() -> inlined("estimator=gba"))
                .hasMessage("--set: estimator: unknown key, did you mean pace.estimator?");
        assertThatThrownBy(() -> inlined("sampling.group_size=5")).hasMessage("--set: sampling: unknown key");
    }

    private static Drawn drawn(String... sets) {
        return ConfigLoader.load(Drawing.class, List.of("variant-defaults.yaml"), List.of(), Map.of(), List.of(sets))
                .drawn();
    }

    @Test
    void givenAVariantWhenLoadedThenTheKeyThatDecidesChoosesTheKeys() {
        assertThat(drawn("drawn.radius=2").shape()).isEqualTo(new Circle(2));
        assertThat(drawn("drawn.kind=square", "drawn.side=3").shape()).isEqualTo(new Square(3, null));
    }

    @Test
    void givenKeysThatDoNotFitTheVariantWhenLoadedThenEachIsRefusedByName() {
        assertThatThrownBy(() -> drawn("drawn.radius=0")).hasMessage("--set: drawn.radius: must be above 0, not 0.0");
        assertThatThrownBy(() -> drawn("drawn.radius=1", "drawn.side=3", "drawn.lable=x"))
                .hasMessage("--set: drawn.side: does not apply where kind is circle\n"
                        + "--set: drawn.lable: unknown key, did you mean drawn.label?");
        assertThatThrownBy(() -> drawn("drawn.kind=square")).hasMessageEndingWith("drawn.side: is missing");
        assertThatThrownBy(() -> drawn("drawn.kind=line", "drawn.side=3"))
                .hasMessage("--set: drawn.kind: 'line' is not one of circle, square");
    }

    private Root load(String yaml, String... sets) {
        return ConfigLoader.load(
                Root.class, List.of("config-defaults.yaml"), List.of(file(yaml)), Map.of(), List.of(sets));
    }

    private static List<String> lines(UsageException refusal) {
        return String.valueOf(refusal.getMessage()).lines().toList();
    }

    private static UsageException refusal(Path file, Map<String, String> environment, String... sets) {
        return catchThrowableOfType(
                UsageException.class,
                () -> ConfigLoader.load(
                        Root.class, List.of("config-defaults.yaml"), List.of(file), environment, List.of(sets)));
    }

    private Path file(String yaml) {
        try {
            return Files.writeString(dir.resolve("run.yaml"), yaml);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
