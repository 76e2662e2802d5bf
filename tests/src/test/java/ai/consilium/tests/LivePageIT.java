package ai.consilium.tests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.monitor.MonitorConfig;
import ai.consilium.monitor.MonitorInputs;
import ai.consilium.monitor.MonitorService;
import ai.consilium.monitor.samples.CaseView;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.run.RunContext;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live page in a real Chromium: what it shows, that it follows the run, and that nothing goes wrong in it. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class LivePageIT {
    private static final int STEPS = 3;
    /** What an event may take until it is on the page. */
    private static final LocatorAssertions.ContainsTextOptions AT_ONCE =
            new LocatorAssertions.ContainsTextOptions().setTimeout(2_000);

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

    private MonitorService monitor(RunContext run, int port) throws IOException {
        Path conflict = Files.writeString(dir.resolve("conflict.json"), """
                {"weights": [
                  {"layer": 0, "projection": "q_proj", "sign_conflict_rate": 0.8, "pairwise_cosine": 0.1},
                  {"layer": 1, "projection": "q_proj", "sign_conflict_rate": 0.4, "pairwise_cosine": 0.3}]}
                """);
        return new MonitorService(
                run,
                new MonitorConfig("127.0.0.1", port, Duration.ofMillis(200), ""),
                new MonitorInputs(STEPS, CaseView.NONE, conflict, false));
    }

    @Test
    void givenARunUnderWayWhenItsPageIsOpenThenEveryPanelShowsTheRunAndFollowsIt() throws IOException {
        RunContext run = cluster.run("pediatrics", "oncology_surgery");
        try (RunStory story = new RunStory(run);
                MonitorService monitor = monitor(run, 0);
                Page page = chromium.page(1280, 1000)) {
            story.begins();
            story.trains("pediatrics", 1, 0.25);
            story.trains("oncology_surgery", 1, 0.5);
            monitor.start();
            page.navigate(monitor.address());

            assertThat(card(page, "pediatrics")).containsText("step 1 of 3");
            assertThat(page.getByText("simulated cases", new Page.GetByTextOptions().setExact(true)))
                    .isVisible();
            assertThat(page.locator("#sentence")).containsText("Reinforcement is under way: 2 of 6 steps");
            assertThat(card(page, "pediatrics")).containsText("accuracy0.25");
            assertThat(card(page, "oncology surgery")).containsText("step 1 of 3");
            assertThat(page.locator("#books tbody tr").last().locator("th, td"))
                    .hasText(new String[] {"all", "4", "2", "1", "0", "0", "0", "0", "0", "1"});
            assertThat(page.locator("#scorers")).containsText("differential");
            assertThat(page.locator("#flow .stage")).hasCount(6);
            assertThat(page.locator("#flow .arrow").first()).containsText("1 wait");
            assertThat(page.locator("#flow .stage").nth(1)).containsText("most groups wait here");
            assertThat(page.locator("#flow .stage").nth(2)).containsText("starving");
            assertThat(page.locator("#events")).containsText("training on simulated cases");

            story.trains("pediatrics", 2, 0.75);
            assertThat(card(page, "pediatrics")).containsText("step 2 of 3");
            assertThat(card(page, "pediatrics")).containsText("accuracy0.75");
            assertThat(card(page, "pediatrics")).not().containsText("validation");
            story.examines("pediatrics", 2);
            assertThat(card(page, "pediatrics")).containsText("validation1.00 at 2");
            story.examines(new ExaminedGroup("pediatrics", 2, 0, "bayesian"));
            assertThat(page.locator(
                            "figcaption:has-text(\"pediatrics: right answers on validation cases by perspective\")"))
                    .isVisible();
            story.merges();
            assertEveryPanelIsDrawn(page);

            story.says("an event that is awaited");
            assertThat(page.locator("#events")).containsText("an event that is awaited", AT_ONCE);
            story.finishes();
            assertThat(page.locator("#sentence")).containsText("Finished after");

            assertThat(Chromium.seriousFindings(page)).isEmpty();
            Chromium.screenshot(page, "live-page", ColorScheme.LIGHT);
            Chromium.screenshot(page, "live-page", ColorScheme.DARK);
            assertThat(Chromium.seriousFindings(page)).as("in dark colours").isEmpty();
            Chromium.assertFits(page, 1280, 1180, 1000, 390);
            Chromium.screenshot(page, "live-page-phone", ColorScheme.LIGHT);
        }
        assertThat(chromium.problems()).isEmpty();
    }

    private static void assertEveryPanelIsDrawn(Page page) {
        for (String chart : List.of(
                "learning pediatrics",
                "perspectives oncology_surgery",
                "entropy",
                "kl",
                "clip_ratio/high_mean",
                "clip_ratio/low_mean",
                "rollout_corr/kl",
                "rollout_corr/rollout_is_eff_sample_size",
                "grad_norm",
                "response_length/mean",
                "response_length/clip_ratio",
                "staleness/max",
                "step_seconds",
                "distill/kl")) {
            Locator figure = page.locator("[data-chart='" + chart + "']");
            assertThat(figure.locator("canvas")).isVisible();
        }
        Locator entropy = page.locator("[data-chart='entropy']");
        assertThat(entropy.locator("[role=img]"))
                .hasAttribute(
                        "aria-label", "Entropy (nats a token). Newest: pediatrics 0.5000, oncology surgery 1.00.");
        entropy.locator("summary").click();
        assertThat(entropy.locator("tbody tr").first()).hasText("20.5000–");
        assertThat(page.locator("#staleness-bars")).containsText("3 (100.0 %)");
        assertThat(page.locator("#agents tbody tr")).hasCount(1);
        assertThat(page.locator("#conflict table")).containsText("0.80");
        page.locator("#conflict select").selectOption("pairwise_cosine");
        assertThat(page.locator("#conflict table")).containsText("0.30");
    }

    @Test
    void givenAnOpenPageWhenTheMonitorIsStartedAgainThenItReconnectsAndGoesOn() throws IOException {
        RunContext run = cluster.run("pediatrics");
        try (RunStory story = new RunStory(run);
                Page page = chromium.page(1280, 1000)) {
            story.begins();
            story.trains("pediatrics", 1, 0.25);
            int port;
            try (MonitorService first = monitor(run, 0)) {
                first.start();
                port = first.port();
                page.navigate(first.address());
                assertThat(card(page, "pediatrics")).containsText("step 1 of 3");
            }
            assertThat(page.locator("#lost")).isVisible();
            story.trains("pediatrics", 2, 0.5);
            try (MonitorService second = monitor(run, port)) {
                await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
                    second.start();
                    return true;
                });

                assertThat(card(page, "pediatrics")).containsText("step 2 of 3");
                assertThat(page.locator("#lost")).isHidden();
            }
        }
        // That the connection was refused meanwhile is what was asked for.
        chromium.forgive();
    }

    private static Locator card(Page page, String specialty) {
        return page.locator(".card").filter(new Locator.FilterOptions().setHasText(specialty));
    }
}
