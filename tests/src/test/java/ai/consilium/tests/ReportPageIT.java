package ai.consilium.tests;

import static ai.consilium.tests.HostileCases.ESCAPES;
import static ai.consilium.tests.HostileCases.MARKUP;
import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.monitor.MonitorInputs;
import ai.consilium.monitor.report.ReportFacts;
import ai.consilium.monitor.report.ReportFacts.Fact;
import ai.consilium.monitor.report.ReportPage;
import ai.consilium.monitor.report.ReportedRun;
import ai.consilium.platform.run.RunContext;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of a run in a real Chromium, from disk: every part is there, and nothing that a record says does harm. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ReportPageIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @WithKafka
    private static EmbeddedCluster cluster;

    private static Chromium chromium;

    @TempDir
    private Path dir;

    @BeforeAll
    static void start() {
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
    }

    private Path report(RunContext run, ReportFacts facts) throws Exception {
        ReportedRun reported = ReportedRun.read(
                run.kafka(), run.runId(), run.specialties(), new MonitorInputs(3, HostileCases.in(dir), null, true));
        return Files.writeString(dir.resolve("report.html"), ReportPage.of(reported, facts));
    }

    private static ReportFacts facts() throws Exception {
        return new ReportFacts(
                List.of(new Fact("seed", "7"), new Fact("model", MARKUP + ESCAPES)),
                List.of(new ReportFacts.Setting("prompts", "\"\"", MARKUP)),
                "seed: 7\nprompts: " + MARKUP + "\n",
                JSON.readTree("""
                        {"base": {"pediatrics": {"n": 10, "correct": 3, "accuracy": 0.3, "low": 0.108, "high": 0.603},
                                  "overall": {"n": 10, "correct": 3, "accuracy": 0.3, "low": 0.108, "high": 0.603}},
                         "rl": {"pediatrics": {"n": 10, "correct": 5, "accuracy": 0.5, "low": 0.237, "high": 0.763},
                                "overall": {"n": 0, "correct": 0, "accuracy": 0, "low": 0, "high": 0}}}
                        """),
                JSON.readTree("""
                        [{"row": "rl", "against": "base", "column": "pediatrics", "difference": 0.2, "low": -0.1, "high": 0.5}]
                        """),
                JSON.readTree("""
                        {"weights": [{"layer": 0, "projection": "q_proj", "sign_conflict_rate": 0.8, "module": "%s"}]}
                        """.formatted("long ".repeat(100))),
                Map.of("reinforcement", 12.5, "wait_share", 0.25, "sampled_tokens", 1_234_567.0),
                List.of(new ReportFacts.Head("pediatrics@3", "abc123")));
    }

    @Test
    void givenAHostileRunWhenItsReportIsOpenedFromDiskThenAllOfItIsThereAndHarmless() throws Exception {
        RunContext run = cluster.run("pediatrics");
        try (RunStory story = new RunStory(run);
                Page page = chromium.page(1280, 1000)) {
            story.begins();
            story.trains("pediatrics", 1, 0.25);
            story.trains("pediatrics", 2, 0.75);
            story.examines("pediatrics", 2);
            story.samples(
                    "g-" + MARKUP,
                    HostileCases.ref(),
                    List.of(MARKUP + "right" + ESCAPES, "wrong"),
                    MARKUP,
                    MARKUP + ESCAPES);
            story.merges();
            story.finishes();
            List<String> asked = new ArrayList<>();
            page.onRequest(request -> asked.add(request.url()));

            Path report = report(run, facts());
            page.navigate(report.toUri().toString());

            assertThat(page.locator("#sentence")).containsText("Finished after");
            assertThat(page.locator("#simulated")).isVisible();
            assertThat(page.locator("#about")).containsText(MARKUP + "\\u001b[31m\\u202eevil\\u0007");
            assertThat(page.locator("#settings tbody tr")).hasText("prompts\"\"" + MARKUP);
            assertThat(page.locator("#results tbody tr").nth(1).locator("th, td"))
                    .hasText(new String[] {"rl", "50.0 [23.7, 76.3]", "–"});
            assertThat(page.locator("#comparisons tbody tr").locator("th, td"))
                    .hasText(new String[] {"rl against base", "+20.0 [-10.0, +50.0]", "–"});
            assertThat(page.locator("#timings")).containsText("wait share25.0 %");
            assertThat(page.locator("#timings")).containsText("sampled tokens1,234,567");
            assertThat(page.locator("#timings")).not().containsText("1234567.0");
            assertThat(page.locator("#lineage")).containsText("pediatrics@3abc123");
            assertThat(page.locator("#balance")).containsText("1 of 6 groups have no outcome yet");
            for (String chart : List.of("learning pediatrics", "entropy", "response_length/mean", "staleness/max")) {
                assertThat(page.locator("[data-chart='" + chart + "'] canvas")).isVisible();
            }
            assertThat(page.locator("#agents tbody tr")).hasCount(1);
            assertThat(page.locator("#conflict table")).containsText("0.80");
            assertSamples(page);
            assertKeyboardOpens(page);

            assertThat(page.evaluate("() => window.harmed ?? null")).isNull();
            assertThat(page.locator("script[src], img[src='x']")).hasCount(0);
            assertThat(asked).allMatch(url -> url.startsWith("file:") || url.startsWith("data:"));
            assertThat(Chromium.seriousFindings(page)).isEmpty();
            Chromium.screenshot(page, "report", ColorScheme.LIGHT);
            Chromium.screenshot(page, "report", ColorScheme.DARK);
            assertThat(Chromium.seriousFindings(page)).as("in dark colours").isEmpty();
            Chromium.assertFits(page, 1280, 1000, 390);
        }
        assertThat(chromium.problems()).isEmpty();
    }

    private static void assertSamples(Page page) {
        Locator samples = page.locator("#sample article");
        assertThat(samples).hasCount(1);
        // Both of its samples are of one case, and a case is shown once.
        assertThat(samples.locator("h4")).containsText("Right: case " + MARKUP);
        assertThat(samples.locator(".completion")).containsText("right\\u001b[31m\\u202eevil\\u0007");
        assertThat(samples.locator(".prompt")).containsText("what is it? " + MARKUP);
        assertThat(samples.locator(".evidence")).containsText(MARKUP);
        assertThat(samples.locator("img")).hasCount(1);
        assertThat(page.evaluate("() => document.querySelector('#sample img').naturalWidth"))
                .isEqualTo(HostileCases.WIDTH);
    }

    private static void assertKeyboardOpens(Page page) {
        page.keyboard().press("Tab");
        assertThat(page.locator(".skip")).isFocused();
        page.locator("#configuration summary").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("#configuration pre")).containsText("prompts: " + MARKUP);
        page.locator("[data-chart='entropy'] summary").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("[data-chart='entropy'] tbody tr").first()).hasText("20.5000");
    }

    @Test
    void givenARunThatHasHardlyBegunWhenItsReportIsOpenedThenItSaysWhatThereIsNot() throws Exception {
        RunContext run = cluster.run("pediatrics");
        try (RunStory story = new RunStory(run);
                Page page = chromium.page(1280, 1000)) {
            story.begins();
            Path report = report(run, new ReportFacts(List.of(), List.of(), "", null, null, null, Map.of(), List.of()));
            page.navigate(report.toUri().toString());

            assertThat(page.locator("#no-results")).isVisible();
            assertThat(page.locator("#no-merge")).isVisible();
            assertThat(page.locator("#samples-told")).containsText("There are none");
            assertThat(page.locator("#books")).containsText("pediatrics");
        }
        assertThat(chromium.problems()).isEmpty();
    }
}
