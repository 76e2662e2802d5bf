package ai.consilium.tests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.monitor.MonitorConfig;
import ai.consilium.monitor.MonitorService;
import ai.consilium.platform.run.RunContext;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The live page in a real Chromium: what it shows, that it follows the run, and that nothing goes wrong in it. */
class LivePageIT {
    private static final int STEPS = 3;
    private static final LocatorAssertions.ContainsTextOptions PATIENTLY =
            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static Playwright playwright;
    private static Browser browser;

    @BeforeAll
    static void start() {
        Optional<Path> chromium = chromium();
        assumeTrue(chromium.isPresent(), "no Chromium on the PATH: the live page is not looked at");
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium.orElseThrow())
                        .setArgs(List.of("--no-sandbox")));
    }

    @AfterAll
    static void stop() {
        if (playwright != null) {
            playwright.close();
        }
    }

    private static Optional<Path> chromium() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .flatMap(directory -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Test
    void givenARunUnderWayWhenItsPageIsOpenThenItShowsTheRunAndFollowsIt() {
        RunContext run = cluster.run("pediatrics", "oncology_surgery");
        List<String> problems = new ArrayList<>();
        try (RunStory story = new RunStory(run);
                MonitorService monitor =
                        new MonitorService(run, new MonitorConfig("127.0.0.1", 0, Duration.ofMillis(200)), STEPS);
                Page page = browser.newPage(new Browser.NewPageOptions().setViewportSize(1280, 1000))) {
            page.onConsoleMessage(message -> {
                if (!message.type().equals("log")) {
                    problems.add(message.type() + ": " + message.text());
                }
            });
            page.onPageError(problems::add);
            story.begins();
            story.trains("pediatrics", 1, 0.25);
            story.trains("oncology_surgery", 1, 0.5);
            monitor.start();
            page.navigate(monitor.address());

            assertThat(card(page, "pediatrics")).containsText("step 1 of 3", PATIENTLY);
            assertThat(page.getByText("simulated cases", new Page.GetByTextOptions().setExact(true)))
                    .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(60_000));
            assertThat(card(page, "pediatrics")).containsText("accuracy 0.25");
            assertThat(card(page, "oncology surgery")).containsText("step 1 of 3", PATIENTLY);
            assertThat(page.locator("#books")).containsText("oncology surgery");
            assertThat(page.locator("#books tbody tr").last().locator("td"))
                    .hasText(new String[] {"all", "4", "2", "1", "0", "0", "0", "0", "0", "1"});
            assertThat(page.locator("#scorers")).containsText("differential");
            assertThat(page.locator("#events")).containsText("training on simulated cases");

            story.trains("pediatrics", 2, 0.75);
            assertThat(card(page, "pediatrics")).containsText("step 2 of 3", PATIENTLY);
            assertThat(card(page, "pediatrics")).containsText("accuracy 0.75");
            assertThat(card(page, "pediatrics")).not().containsText("validation");
            story.examines("pediatrics", 2);
            assertThat(card(page, "pediatrics")).containsText("validation 1.00", PATIENTLY);
            assertThat(card(page, "pediatrics").locator("svg circle.validation"))
                    .hasCount(1);
            story.finishes();
            assertThat(page.locator("#phase")).containsText("finished", PATIENTLY);

            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
                page.screenshot(new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(Path.of("target", "live-page-" + scheme.name() + ".png")));
            }
        }
        assertThat(problems).isEmpty();
    }

    private static Locator card(Page page, String specialty) {
        return page.locator(".card").filter(new Locator.FilterOptions().setHasText(specialty));
    }
}
