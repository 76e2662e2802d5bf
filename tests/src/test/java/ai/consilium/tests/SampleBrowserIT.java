package ai.consilium.tests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.monitor.MonitorConfig;
import ai.consilium.monitor.MonitorInputs;
import ai.consilium.monitor.MonitorService;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.CaseRef;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample browser in a real Chromium: it finds groups, shows one whole, and nothing that a record says does harm. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class SampleBrowserIT {
    private static final String MARKUP = HostileCases.MARKUP;
    private static final String ESCAPES = HostileCases.ESCAPES;

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

    private MonitorService monitor(RunContext run) throws IOException {
        return new MonitorService(
                run,
                new MonitorConfig("127.0.0.1", 0, Duration.ofMillis(200), ""),
                new MonitorInputs(3, HostileCases.in(dir), null, false));
    }

    @Test
    void givenHostileRecordsWhenAGroupIsFoundAndShownThenAllOfItIsThereAndHarmless() throws Exception {
        RunContext run = cluster.run("pediatrics");
        String group = "g-" + MARKUP + ESCAPES;
        try (RunStory story = new RunStory(run);
                MonitorService monitor = monitor(run);
                Page page = chromium.page(1280, 1000)) {
            story.begins();
            CaseRef hostile = HostileCases.ref();
            story.samples(
                    group, hostile, List.of(MARKUP + "right" + ESCAPES, "wrong needle"), MARKUP, MARKUP + ESCAPES);
            story.samples("g-plain", hostile, List.of("nothing special"), "differential", "urea above 7");
            story.says(MARKUP + ESCAPES);
            monitor.start();
            page.navigate(monitor.address());
            assertThat(page.locator("#events")).containsText(MARKUP + "\\u001b[31m\\u202eevil\\u0007");
            assertThat(page.locator("#reading")).isHidden();

            page.locator("#sample-filter button").click();
            assertThat(page.locator("#samples tbody tr")).hasCount(4);
            page.locator("#sample-filter [name=text]").fill("NEEDLE");
            page.locator("#sample-filter [name=version]").fill("3");
            page.locator("#sample-filter [name=right]").selectOption("wrong");
            page.locator("#sample-filter button").click();
            assertThat(page.locator("#samples-told")).containsText("1 shown");
            assertThat(page.locator("#samples-told")).containsText("looked for in 1 of them");
            page.locator("#samples button.link").click();

            Locator sample = page.locator("#sample");
            assertThat(sample.locator(".completion")).hasCount(2);
            assertThat(sample.locator("dd").first()).containsText(MARKUP + "\\u001b[31m");
            assertThat(sample.locator(".completion").first()).containsText("right\\u001b[31m\\u202eevil\\u0007");
            assertThat(sample.locator(".completion").first().locator(".version"))
                    .hasText(new String[] {"v1", "v2"});
            assertThat(sample.locator(".completion").last()).containsText("needle");
            assertThat(sample.locator(".completion").last()).containsText("0.250");
            assertThat(sample.locator(".completion").last()).containsText("z_a");
            sample.locator("details summary").click();
            assertThat(sample.locator(".prompt")).containsText("what is it? " + MARKUP);
            assertThat(sample.locator(".tokens .p9").first()).isVisible();
            sample.getByLabel("advantage").check();
            assertThat(sample).hasAttribute("data-shading", "advantage");
            assertThat(sample.locator(".completion").first().locator(".a5").first())
                    .isVisible();
            assertThat(sample.locator(".completion").last().locator(".a-5").first())
                    .isVisible();
            assertThat(page.evaluate("() => document.querySelector('#sample img').naturalWidth"))
                    .isEqualTo(HostileCases.WIDTH);

            assertThat(page.evaluate("() => window.harmed ?? null")).isNull();
            assertThat(page.locator("script[src='x'], img[src='x']")).hasCount(0);
            assertThat(Chromium.seriousFindings(page)).isEmpty();
            Chromium.screenshot(page, "sample", ColorScheme.LIGHT);
            Chromium.screenshot(page, "sample", ColorScheme.DARK);

            assertNoWayOut(monitor.address());
        }
        assertThat(chromium.problems()).isEmpty();
    }

    private static void assertNoWayOut(String address) throws IOException, InterruptedException {
        for (String path : List.of(
                "/../pom.xml",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/uplot/..%2f..%2fMonitorService.class",
                "/page/index.html",
                "/api/image?sha256=../image.png",
                "/api/image?sha256=",
                "/api/sample?group=../../etc/passwd",
                "/api/conflict")) {
            assertThat(status(address + path)).as(path).isIn(400, 404);
        }
        assertThat(status(address + "/api/image?sha256=cafe")).isEqualTo(200);
        assertThat(status(address + "/api/samples?version=many")).isEqualTo(400);
    }

    private static int status(String url) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
