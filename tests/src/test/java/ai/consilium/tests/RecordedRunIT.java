package ai.consilium.tests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.runlog.provenance.Provenance;
import ai.consilium.runlog.provenance.ProvenanceReader;
import ai.consilium.runlog.provenance.TracedGroup;
import ai.consilium.runlog.provenance.TracedVersion;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium rescore} and {@code consilium trace} on what a small run left behind. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class RecordedRunIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path shared;

    @TempDir
    Path dir;

    private static Path run;

    @BeforeAll
    static void train() throws Exception {
        run = shared.resolve("small");
        try (RunProcess train = SmallRun.train(
                shared,
                run,
                // This JVM, which asks the run, works in another directory.
                "--set",
                "model=" + Path.of("../models/tiny").toAbsolutePath().normalize(),
                // So that there are groups without scores.
                "--set",
                "merger.consolidate.reward_coef=0")) {
            train.succeed();
        }
    }

    private static CommandLineRun rescore(Path directory, String... more) {
        Stream<String> arguments =
                Stream.concat(Stream.of("rescore", "--run-dir", directory.toString()), Stream.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private static JsonNode summary(String... more) throws Exception {
        CommandLineRun rescored = rescore(
                run, Stream.concat(Stream.of("-o", "json"), Stream.of(more)).toArray(String[]::new));
        assertThat(rescored.code()).as(String.join("\n", rescored.errors())).isZero();
        return JSON.readTree(rescored.text());
    }

    private static JsonNode trace(String id) throws Exception {
        String traced = CommandLineRun.of("trace", id, "--run-dir", run.toString(), "-o", "json")
                .text();
        return JSON.readTree(traced).path("provenance");
    }

    private static List<JsonNode> items(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).toList();
    }

    @Test
    void givenTheRunsOwnConfigurationWhenRescoredThenEveryAdvantageIsAsRecordedAndTheLogIsAsBefore() throws Exception {
        JsonNode before = SmallRun.describe(run).path("records");

        JsonNode summary = summary();

        assertThat(summary.at("/check/exact").asBoolean()).isTrue();
        assertThat(summary.at("/work/uncertain").asInt(-1)).isZero();
        assertThat(summary.at("/work/asked").asLong())
                .isGreaterThan(summary.at("/work/trajectories").asLong());
        assertThat(summary.at("/groups").asInt()).isPositive();
        assertThat(summary.at("/overall/spearman").asDouble()).isEqualTo(1);
        assertThat(summary.at("/work/others/distill").asLong()).isPositive();
        assertThat(SmallRun.describe(run).path("records")).isEqualTo(before);
    }

    @Test
    void givenOtherWeightsWhenRescoredThenTheScoresAreTakenOverAndTheChangesWritten() throws Exception {
        Path out = dir.resolve("out");

        JsonNode summary = summary("--set", "reward.advantage.w_f=3.0", "--top", "2", "--out", out.toString());

        assertThat(summary.path("check").isNull()).isTrue();
        assertThat(summary.at("/work/asked").asLong(-1)).isZero();
        assertThat(summary.at("/changed_groups").asInt()).isPositive();
        assertThat(summary.at("/overall/spearman").asDouble()).isLessThan(1);
        assertThat(summary.path("most_changed")).hasSizeBetween(1, 2);
        assertThat(JSON.readTree(out.resolve("summary.json").toFile())).isEqualTo(summary);
        assertThat(Files.readAllLines(out.resolve("changes.jsonl")))
                .hasSize(summary.at("/changed_groups").asInt())
                .allMatch(line -> line.contains("\"parts_before\""));
        assertThat(out.resolve("report.html"))
                .content()
                .contains(summary.at("/most_changed/0/case_id").asText(), "<svg", "sign flips")
                .doesNotContain("://");
        assertThat(rescore(run, "--out", out.toString()).told())
                .containsExactly("consilium: --out: " + out + " already exists");
    }

    @Test
    void givenAnotherRubricWhenRescoredThenItsScorersAreAskedAndTheirEvidenceShown() throws Exception {
        Files.writeString(dir.resolve("brief.yaml"), """
                name: brief
                perspective: analytical
                criteria:
                  - {kind: max_words, limit: 3, weight: 1}
                """);
        Path config = Files.writeString(dir.resolve("mine.yaml"), """
                reward:
                  scorers:
                    - {name: accuracy, type: accuracy, required: true}
                    - {name: format, type: format, required: true}
                    - {name: analytical, type: rubric, file: brief.yaml, required: true}
                """);

        JsonNode summary = summary("--config", config.toString(), "--top", "1000");

        JsonNode analytical = summary.at("/by_scorer/analytical");
        assertThat(summary.at("/work/asked").asLong())
                .isEqualTo(analytical.at("/before/scored").asLong()
                        + analytical.at("/before/unscored").asLong())
                .isEqualTo(analytical.at("/after/scored").asLong())
                .isPositive();
        // The rubrics of the other perspectives are gone.
        assertThat(summary.at("/by_scorer/intuitive/after/scored").asLong(-1)).isZero();
        assertThat(items(summary.path("most_changed")))
                .flatMap(group -> items(group.path("members")))
                .flatMap(member -> items(member.path("scores")))
                .anySatisfy(score -> {
                    assertThat(score.path("scorer").asText()).isEqualTo("analytical");
                    assertThat(score.at("/after/evidence").toString()).contains("words");
                });
    }

    @Test
    void givenANewServiceWhenRescoredThenItIsAskedOnlyWhereTheUserSaysSo() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/score", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] reply =
                    "{\"score\": %s}".formatted(asked.incrementAndGet() % 2).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
            exchange.close();
        });
        server.start();
        try {
            Path config = Files.writeString(dir.resolve("service.yaml"), """
                    reward:
                      scorers:
                        - {name: accuracy, type: accuracy, required: true}
                        - {name: format, type: format, required: true}
                        - {name: tone, type: http, url: "http://127.0.0.1:%d/score", required: true}
                    """.formatted(
                            server.getAddress().getPort()));

            JsonNode silent = summary("--config", config.toString());
            assertThat(asked).hasValue(0);
            assertThat(silent.at("/by_scorer/tone/after/scored").asLong(-1)).isZero();
            JsonNode heard = summary("--config", config.toString(), "--remote");
            assertThat(heard.at("/by_scorer/tone/after/scored").asLong())
                    .isEqualTo(heard.at("/work/trajectories").asLong())
                    .isEqualTo(asked.get());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void givenAnAdvantageThatDoesNotFollowFromItsScoresWhenRescoredThenItsGroupIsNamedAndItFails() throws Exception {
        Path altered = RunOnDisk.copy(run, dir.resolve("altered"));
        try (RunOnDisk log = new RunOnDisk(altered)) {
            log.repeatAGroup("altered-1", Math::nextUp);
        }

        CommandLineRun rescored = rescore(altered);

        assertThat(rescored.code()).isEqualTo(1);
        assertThat(rescored.text()).contains("NOT as recorded; the first group that differs:\naltered-1  case ");
    }

    @Test
    void givenWhatCannotBeMeantWhenRescoredThenItIsRefusedByName() {
        assertThat(CommandLineRun.of("rescore").errors()).containsExactly("consilium: --run-dir is not given");
        assertThat(rescore(run, "--set", "seed=2").told())
                .containsExactly(
                        "consilium: --set: seed does not decide how trajectories are scored; reward.* and answer do");
        assertThat(rescore(run, "--set", "reward.adv_estimator=ppo").told())
                .singleElement()
                .asString()
                .startsWith("consilium: --set: reward.adv_estimator: 'ppo' is not one of");
        assertThat(rescore(dir).told()).singleElement().asString().contains("contains no run");
    }

    @Test
    void givenEveryVersionWhenTracedThenItLeadsToTheGroupsOfItsOutcomesAndItsCheckpoint() throws Exception {
        Map<String, Set<String>> byOutcome = new TreeMap<>();
        try (RunOnDisk log = new RunOnDisk(run)) {
            log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class).stream()
                    .filter(outcome -> outcome.getOutcome() == Outcome.TRAINED)
                    .forEach(outcome -> byOutcome
                            .computeIfAbsent(
                                    outcome.getSpecialty() + "@" + outcome.getPolicyVersion(), name -> new HashSet<>())
                            .add(outcome.getGroupId()));
            assertThat(byOutcome).isNotEmpty();
            ProvenanceReader reader = new ProvenanceReader(log.kafka());
            for (PolicyUpdate update : log.read(Topics.POLICY_UPDATES, PolicyUpdate.class)) {
                String name = update.getSpecialty() + "@" + update.getVersion();
                Provenance traced = reader.of(name);
                assertThat(traced.groups())
                        .as(name)
                        .extracting(TracedGroup::id)
                        .containsExactlyInAnyOrderElementsOf(byOutcome.getOrDefault(name, Set.of()));
                TracedVersion version = Objects.requireNonNull(traced.version());
                assertThat(version.accounted()).as(name).isTrue();
                assertThat(version.adapterHash()).isEqualTo(update.getAdapterHash());
                checkpointed(update, version);
            }
        }
    }

    /** Only the newest checkpoints are kept. */
    private static void checkpointed(PolicyUpdate update, TracedVersion version) throws Exception {
        Path state = run.resolve("checkpoints")
                .resolve(update.getSpecialty())
                .resolve(Long.toString(update.getVersion()))
                .resolve("state.json");
        if (Files.exists(state)) {
            assertThat(items(JSON.readTree(state.toFile()).at("/facts/groupIds")))
                    .extracting(JsonNode::asText)
                    .containsExactlyElementsOf(version.groupIds());
        }
    }

    @Test
    void givenASampleOfAVersionWhenTracedThenItLeadsBackToTheVersionWithItsAdvantage() throws Exception {
        JsonNode group = trace("pediatrics@1").at("/groups/0");
        JsonNode sample = group.at("/samples/0");
        String id = sample.path("trajectory_id").asText();

        JsonNode back = trace(id.substring(0, 16));

        assertThat(back.path("id").asText()).isEqualTo(id);
        assertThat(back.path("kind").asText()).isEqualTo("trajectory");
        assertThat(back.at("/version/name").asText()).isEqualTo("pediatrics@1");
        assertThat(back.at("/groups/0/samples")).hasSize(1);
        assertThat(back.at("/groups/0/samples/0")).isEqualTo(sample);
        assertThat(sample.path("advantage").isNumber()).isTrue();
        assertThat(sample.path("parts").has("z_a")).isTrue();
        assertThat(sample.at("/place/topic").asText()).isEqualTo("trajectories");
        assertThat(trace(group.path("id").asText()).path("groups").get(0)).isEqualTo(group);
        CommandLineRun tree = CommandLineRun.of("trace", "pediatrics@1", "--run-dir", run.toString());
        assertThat(tree.output())
                .allMatch(line -> line.length() <= 120)
                .anyMatch(line -> line.matches(".* case \\S+ {2}train.jsonl sha256 [0-9a-f]+"))
                .anyMatch(line -> line.matches(".* image [0-9a-f]{12} {2}images/\\S+"));
    }

    @Test
    void givenAnIdThatTheRunDoesNotHaveWhenTracedThenTheNearestAreNamed() {
        CommandLineRun traced = CommandLineRun.of("trace", "pediatric@1", "--run-dir", run.toString());

        assertThat(traced.code()).isEqualTo(2);
        assertThat(traced.told())
                .singleElement()
                .asString()
                .startsWith("consilium: 'pediatric@1' is no version, group or trajectory of this run; the nearest are"
                        + " pediatrics@1, pediatrics@");
    }

    private static CommandLineRun verify(Path directory, String... more) {
        Stream<String> arguments =
                Stream.concat(Stream.of("trace", "--verify", "--run-dir", directory.toString()), Stream.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private static void flip(Path file, int at) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void givenARunWhenVerifiedThenEveryVersionHasAFileThatTheLogConfirms() throws Exception {
        CommandLineRun verified = verify(run, "-o", "json");

        assertThat(verified.code()).as(verified.text()).isZero();
        JsonNode found = JSON.readTree(verified.text());
        try (RunOnDisk log = new RunOnDisk(run)) {
            List<PolicyUpdate> updates = log.read(Topics.POLICY_UPDATES, PolicyUpdate.class);
            assertThat(found.path("versions").asInt()).isEqualTo(updates.size());
            assertThat(found.path("groups").asInt())
                    .isEqualTo(updates.stream()
                            .mapToInt(update -> update.getGroupIds().size())
                            .sum());
            for (PolicyUpdate update : updates) {
                String name = update.getSpecialty() + "@" + update.getVersion();
                JsonNode lineage = JSON.readTree(
                        run.resolve("lineage").resolve(name + ".json").toFile());
                assertThat(items(lineage.path("groups")))
                        .extracting(group -> group.path("id").asText())
                        .containsExactlyElementsOf(update.getGroupIds());
                assertThat(items(lineage.path("groups"))).allMatch(group -> group.has("sha256"));
                assertThat(items(lineage.path("parents"))).allMatch(parent -> parent.has("lineage_sha256"));
                assertThat(lineage.at("/adapter/file_sha256").asText()).hasSize(64);
                assertThat(lineage.path("base_model_sha256").asText()).hasSize(64);
            }
        }
        assertThat(found.path("files").asInt()).isGreaterThan(4);
        assertThat(found.path("on_log").asInt()).isPositive();
        assertThat(items(found.path("pending"))).isEmpty();
        CommandLineRun one = verify(run, "pediatrics@1", "-o", "json");
        assertThat(JSON.readTree(one.text()).path("versions").asInt()).isBetween(2, 4);
    }

    @Test
    void givenAByteThatWasChangedWhenVerifiedThenItsPlaceIsNamedAndItFails() throws Exception {
        Path altered = RunOnDisk.copy(run, dir.resolve("altered"));
        Path lineage = altered.resolve("lineage").resolve("pediatrics@1.json");
        byte[] whole = Files.readAllBytes(lineage);
        flip(lineage, new String(whole, StandardCharsets.UTF_8).indexOf("\"sha256\":") + 12);

        Path missing = altered.resolve("lineage").resolve("oncology_surgery@1.json");
        Files.delete(missing);
        Path adapter = altered.resolve("adapters/rl/pediatrics/adapter_model.safetensors");
        flip(adapter, Math.toIntExact(Files.size(adapter)) - 3);
        Path checkpoint = altered.resolve("checkpoints/pediatrics/0/adapter.safetensors");
        flip(checkpoint, 20);

        CommandLineRun verified = verify(altered);

        assertThat(verified.code()).isEqualTo(1);
        assertThat(verified.text())
                .contains(lineage + ": groups/0/sha256 is ")
                .contains("; this file or the record training-groups/")
                .contains("the chain is broken: it names ")
                .contains(missing + ": is missing")
                .contains(adapter + ": its tensors are those of no version of pediatrics")
                .contains(checkpoint + ": has SHA-256 ")
                .contains("NOT as published: ");
    }

    @Test
    void givenARecordThatWasChangedOnTheLogWhenVerifiedThenItIsNamed() throws Exception {
        Path altered = RunOnDisk.copy(run, dir.resolve("altered"));
        String consumed = JSON.readTree(
                        altered.resolve("lineage").resolve("pediatrics@1.json").toFile())
                .at("/groups/0/place")
                .asText();
        LogSegment.alter(altered.resolve("kafka"), consumed);

        CommandLineRun verified = verify(altered);

        assertThat(verified.code()).isEqualTo(1);
        assertThat(verified.text()).contains("pediatrics@1.json: groups/0/sha256 is ", "the record " + consumed);
    }

    @Test
    void givenARunWhenItsMetricsAreReadThenEachVersionHasALineWithTheFiguresOfSteps() throws Exception {
        JsonNode steps = JSON.readTree(CommandLineRun.of("steps", "--run-dir", run.toString(), "-o", "json")
                .text());

        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            lines.add(JSON.readTree(line));
        }

        try (RunOnDisk log = new RunOnDisk(run)) {
            assertThat(lines)
                    .hasSameSizeAs(log.read(Topics.POLICY_UPDATES, PolicyUpdate.class))
                    .doesNotHaveDuplicates();
        }
        for (JsonNode step : steps) {
            assertThat(lines)
                    .filteredOn(line -> line.path("specialty").equals(step.path("specialty"))
                            && line.path("version").asLong()
                                    == step.path("version").asLong())
                    .singleElement()
                    .extracting(line -> line.path("figures"))
                    .isEqualTo(step.path("figures"));
        }
        assertThat(Files.readAllLines(run.resolve("lineage/openlineage.jsonl"))).hasSameSizeAs(lines);
    }

    @Test
    void givenARunThatEndedThenItsReportHasItsResultsAndCanBeWrittenAgain() throws Exception {
        Path report = run.resolve("report.html");
        assertThat(report).isRegularFile();
        Path again = dir.resolve("again.html");

        CommandLineRun written = CommandLineRun.of("report", "--run-dir", run.toString(), "--out", again.toString());

        assertThat(written.code()).as(String.join("\n", written.errors())).isZero();
        assertThat(written.text().strip()).isEqualTo(again.toString());
        try (Chromium chromium = Chromium.start()) {
            for (Path page : List.of(report, again)) {
                assertReported(chromium, page);
            }
            assertThat(chromium.problems()).isEmpty();
        }
    }

    private static void assertReported(Chromium chromium, Path report) throws Exception {
        try (Page page = chromium.page(1280, 1000)) {
            page.navigate(report.toUri().toString());
            assertThat(page.locator("#sentence")).containsText("Finished after");
            assertThat(page.locator("#about")).containsText("simulated: Consilium's clinic, not patients");
            assertThat(page.locator("#settings")).containsText("dsa.shared_steps602");
            JsonNode unified =
                    JSON.readTree(run.resolve("results.json").toFile()).at("/unified/pediatrics");
            assertThat(page.locator("#results tbody tr").nth(3).locator("td").first())
                    .hasText("%.1f [%.1f, %.1f]"
                            .formatted(
                                    100 * unified.path("accuracy").asDouble(),
                                    100 * unified.path("low").asDouble(),
                                    100 * unified.path("high").asDouble()));
            assertThat(page.locator("#comparisons tbody tr").first()).containsText("rl against dsa");
            assertThat(page.locator("[data-chart='entropy'] canvas")).isVisible();
            assertThat(page.locator("#conflict table")).isVisible();
            assertThat(page.locator("#balance")).containsText("has an outcome");
            assertThat(page.locator("#timings")).containsText("reinforcement");
            assertThat(page.locator("#lineage")).containsText("unified@");
            Locator sample = page.locator("#sample article").first();
            assertThat(sample.locator(".prompt")).containsText("<|image_pad|>");
            assertThat(sample.locator(".tokens")).containsText("think");
            assertThat(sample.locator(".scores")).containsText("accuracy");
            assertThat(sample.locator(".warning")).hasCount(0);
            assertThat(page.evaluate("() => document.querySelector('#sample img').naturalWidth"))
                    .isNotEqualTo(0);
            Chromium.screenshot(page, "report-of-a-run", ColorScheme.LIGHT);
        }
    }
}
