package ai.consilium.reward.plugin;

import static ai.consilium.reward.ScoringExamples.definition;
import static ai.consilium.reward.ScoringExamples.lanes;
import static ai.consilium.reward.ScoringExamples.resources;
import static ai.consilium.reward.ScoringExamples.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.ConfigLoader;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.decision.PendingScores;
import ai.consilium.reward.decision.ScorerPanel;
import ai.consilium.reward.lane.ScorerLanes;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.JudgeMemory;
import ai.consilium.reward.scorer.PictureReader;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Score;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScorerPluginsTest {
    private static final Path EXAMPLE = Path.of("..", "examples", "scorers", "plugin", "ToneType.java");

    @TempDir
    private Path plugins;

    @TempDir
    private Path elsewhere;

    private record Root(RewardConfig reward) {}

    @AfterEach
    void unload() {
        ScorerPlugins.none();
    }

    @Test
    void givenTheExampleThenItIsConfiguredStoredAndScores() throws Exception {
        PluginBuild.plugin(plugins.resolve("tone.jar"), "example.ToneType", example("maybe"));
        ScorerPlugins.load(plugins);

        ScoringDefinition plan = ScoringDefinition.of(
                plan("{name: tone, type: tone, malus: 0.25}").config());

        assertThat(scorer(plan).score(submission("Maybe this, maybe that.", "none")))
                .isEqualTo(new Verdict.Scored(0.5, List.of("2 hedges")));
        assertThatThrownBy(() -> plan("{name: tone, type: tone, malus: 2}"))
                .hasMessage("--set: reward.scorers[0].malus: must be 0 to 1, not 2.0");
        assertThatThrownBy(() -> plan("{name: tone, type: tone, mallus: 0.1}"))
                .hasMessageContaining("mallus: unknown key, did you mean reward.scorers[0].malus?");
    }

    @Test
    void givenAnotherJarThenTheVersionIsAnother() throws Exception {
        String scorer = "{name: tone, type: tone, malus: 0.25}";
        PluginBuild.plugin(plugins.resolve("tone.jar"), "example.ToneType", example("maybe"));
        ScorerPlugins.load(plugins);
        ScoringDefinition first = plan(scorer);
        PluginBuild.plugin(plugins.resolve("tone.jar"), "example.ToneType", example("perhaps"));
        ScorerPlugins.load(plugins);
        ScoringDefinition second = plan(scorer);

        assertThat(second.scorers().get(0).version())
                .isNotEqualTo(first.scorers().get(0).version());
        assertThat(scorer(second).score(submission("Perhaps.", "none")))
                .isEqualTo(new Verdict.Scored(0.75, List.of("1 hedges")));
        assertThatThrownBy(() -> ScoringDefinition.of(first.config()))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("reward.plugins: " + plugins.resolve("tone.jar") + " has SHA-256 ")
                .hasMessageContaining("take the same files on every host");
        ScorerPlugins.none();
        assertThatThrownBy(() -> ScoringDefinition.of(first.config()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("needs scorer type 'tone' of a plug-in with SHA-256 ");
    }

    @Test
    void givenPluginsWithTwoVersionsOfALibraryThenEachHasItsOwn() throws Exception {
        for (String version : List.of("one", "two")) {
            Path folder = plugins.resolve(version);
            Path library = PluginBuild.library(folder.resolve("words-" + version + ".jar"), library(version));
            PluginBuild.plugin(
                    folder.resolve("scorer.jar"), "author.Type", type(version, "words.Words.VERSION"), library);
        }
        ScorerPlugins.load(plugins);

        assertThat(evidence("one")).containsExactly("one");
        assertThat(evidence("two")).containsExactly("two");
    }

    @Test
    void givenALibraryThatTheProgramHasTooThenThePluginSeesItsOwn() throws Exception {
        // given a class of ours by name, and with another content
        String jackson = "com.fasterxml.jackson.databind.ObjectMapper";
        Map<String, String> own = Map.of(
                jackson,
                "package com.fasterxml.jackson.databind; public class ObjectMapper { public static String VERSION() { return \"own\"; } }");
        Path library = PluginBuild.library(plugins.resolve("p").resolve("jackson.jar"), own);
        String type = source("own", "String.valueOf(method())");
        Map<String, String> reflecting = Map.of(
                "author.Type",
                type.replace(
                        "/* more */",
                        "static Object method() { try { return Class.forName(\"" + jackson
                                + "\").getMethod(\"VERSION\").invoke(null); } catch (ReflectiveOperationException e) { return e; } }"));
        PluginBuild.plugin(plugins.resolve("p").resolve("scorer.jar"), "author.Type", reflecting);
        ScorerPlugins.load(plugins);

        assertThat(library).exists();
        assertThat(evidence("own")).containsExactly("own");
    }

    @Test
    void givenAPluginThatBreaksThenItsScoreIsUnscored() throws Exception {
        PluginBuild.plugin(
                plugins.resolve("broken.jar"),
                "author.Type",
                type("broken", "java.util.Objects.requireNonNull((String) null)"));
        PluginBuild.plugin(
                plugins.resolve("gone.jar"),
                "author.Type",
                type("gone", "words.Words.VERSION()"),
                PluginBuild.library(
                        elsewhere.resolve("words.jar"),
                        Map.of(
                                "words.Words",
                                "package words; public class Words { public static String VERSION() { return \"\"; } }")));
        ScorerPlugins.load(plugins);

        assertThat(unscored("broken")).startsWith("scorer failed: java.lang.NullPointerException");
        assertThat(unscored("gone")).startsWith("scorer failed: java.lang.NoClassDefFoundError");
    }

    @Test
    void givenWhatIsNoPluginThenItIsRefusedByName() throws IOException {
        assertRefused(elsewhere.resolve("none"), elsewhere.resolve("none") + " is no directory");

        Path broken = Files.writeString(folder("a").resolve("broken.jar"), "no zip");
        assertRefused(broken.getParent(), broken + " is no jar that can be read: ");

        Path empty = PluginBuild.library(folder("b").resolve("empty.jar"), library("one"));
        assertRefused(empty.getParent(), empty + " declares no type of scorer: META-INF/services/ai.consilium");

        Path twice = PluginBuild.plugin(folder("c").resolve("rubric.jar"), "author.Type", type("rubric", "\"\""));
        assertRefused(twice.getParent(), twice + ": type 'rubric' is built in; give it another name");

        Path first = PluginBuild.plugin(folder("d").resolve("1.jar"), "author.Type", type("same", "\"1\""));
        Path second = PluginBuild.plugin(folder("d").resolve("2.jar"), "author.Type", type("same", "\"2\""));
        assertRefused(second.getParent(), second + ": type 'same' is also that of " + first + "; give it another name");

        Path nameless = PluginBuild.plugin(folder("e").resolve("n.jar"), "author.Type", type("No Name", "\"1\""));
        assertRefused(nameless.getParent(), nameless + " type author.Type has the name 'No Name': lower case");

        Path without = Files.createDirectories(folder("f").resolve("sub"));
        assertRefused(without.getParent(), without + " contains no jar");
    }

    @Test
    void givenAPluginBuiltAgainstAnotherVersionThenItIsRefusedByName() throws IOException {
        Path old = PluginBuild.plugin(
                folder("a").resolve("old.jar"), "author.Type", replaced("return API;", "return 99;"));
        assertRefused(
                old.getParent(),
                old + " type author.Type was built against version 99 of the scorer API, this is version 1");

        Path silent = PluginBuild.plugin(
                folder("b").resolve("silent.jar"), "author.Type", replaced("public int api() { return API; }", ""));
        assertRefused(silent.getParent(), silent + " type author.Type does not say which version");

        Path gone = PluginBuild.plugin(
                folder("c").resolve("gone.jar"),
                "author.Type",
                replaced("/* more */", "static final Object MISSING = new words.Words();"),
                PluginBuild.library(elsewhere.resolve("words.jar"), library("one")));
        assertRefused(
                gone.getParent(), gone + " cannot be loaded, perhaps because it was built against another version");
    }

    private Path folder(String name) throws IOException {
        return Files.createDirectories(plugins.resolve(name));
    }

    private static void assertRefused(@Nullable Path directory, String message) {
        assertThatThrownBy(() -> ScorerPlugins.load(Objects.requireNonNull(directory)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("reward.plugins: " + message);
    }

    private static Map<String, String> example(String hedge) throws IOException {
        return Map.of("example.ToneType", Files.readString(EXAMPLE).replace("\"maybe\"", '"' + hedge + '"'));
    }

    private static Map<String, String> library(String version) {
        return Map.of(
                "words.Words",
                "package words; public class Words { public static final String VERSION = String.valueOf(\"" + version
                        + "\"); }");
    }

    private static Map<String, String> replaced(String what, String by) {
        return Map.of("author.Type", source("other", "\"\"").replace(what, by));
    }

    @Test
    void givenAPluginThatHangsThenItEndsUnscoredWithTheReason() throws Exception {
        PluginBuild.plugin(
                plugins.resolve("slow.jar"),
                "author.Type",
                Map.of(
                        "author.Type",
                        source("slow", "hang()")
                                .replace(
                                        "/* more */",
                                        "static String hang() { for (int i = 0; i < 999; i++) try { Thread.sleep(9); } catch (Exception no) {} return \"\"; }")));
        ScorerPlugins.load(plugins);
        ScorerType.Resources hasty = new ScorerType.Resources(
                resources().http(),
                resources().environment(),
                resources().guard(),
                JudgeMemory.NONE,
                PictureReader.AS_THEY_ARE,
                Duration.ofMillis(100));

        assertThat(unscored("slow", hasty)).isEqualTo("no verdict within 100 ms");
    }

    /** A type of scorer that gives 1, and an expression's value as its evidence. */
    private static Map<String, String> type(String name, String evidence) {
        return Map.of("author.Type", source(name, evidence));
    }

    private static String source(String name, String evidence) {
        return """
                package author;
                import ai.consilium.reward.scorer.*;
                import ai.consilium.schemas.Component;
                public class Type implements ScorerType {
                    /* more */
                    record NoKeys() implements Keys {
                        public Defined define(Surroundings surroundings) { return new Defined(null, new Check(1)); }
                    }
                    record Check(int revision) implements Definition {
                        public Component component() { return Component.GUIDELINE; }
                        public Scorer scorer(Identity identity, Resources resources) {
                            return new LocalScorer(identity, component(),
                                asked -> new Verdict.Scored(1, java.util.List.of(EVIDENCE)));
                        }
                    }
                    public int api() { return API; }
                    public String name() { return "NAME"; }
                    public Class<? extends Keys> keys() { return NoKeys.class; }
                    public Class<? extends Definition> definition() { return Check.class; }
                }
                """.replace("NAME", name).replace("EVIDENCE", evidence);
    }

    private ScoringDefinition plan(String scorer) {
        RewardConfig reward = ConfigLoader.load(
                        Root.class,
                        List.of("ai/consilium/reward/reward.yaml"),
                        List.of(),
                        Map.of(),
                        List.of("reward.scorers=[" + scorer + "]"))
                .reward();
        return definition(reward, elsewhere);
    }

    private static Scorer scorer(ScoringDefinition plan) {
        return plan.scorers().get(0).how().scorer(new ScorerType.Identity("tone", null, "v"), resources());
    }

    private List<String> evidence(String type) throws Exception {
        ScoringDefinition plan =
                ScoringDefinition.of(plan("{name: x, type: " + type + "}").config());
        return ((Verdict.Scored) scorer(plan).score(submission("", "none"))).evidence();
    }

    private String unscored(String type) throws Exception {
        return unscored(type, resources());
    }

    private String unscored(String type, ScorerType.Resources resources) throws Exception {
        CompletableFuture<List<Score>> decided = new CompletableFuture<>();
        try (ScorerLanes lanes = lanes()) {
            ScoringDefinition plan = plan("{name: x, required: true, type: " + type + "}");
            ScorerPanel.of(plan, resources, lanes).begin(submission("", "none"), new PendingScores.Listener() {
                @Override
                public void decided(List<Score> scores) {
                    decided.complete(scores);
                }

                @Override
                public void late(Score score) {
                    throw new AssertionError(score);
                }
            });
            return decided.get(20, TimeUnit.SECONDS).get(0).getUnscoredReason();
        }
    }
}
