package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A Chromium that is installed on the machine; tests that need one are skipped where there is none. */
final class Chromium implements AutoCloseable {
    /** Long enough for a busy machine, which may paint a whole page for a minute: there is no graphics processor. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> problems = new ArrayList<>();

    private Chromium(Path executable) {
        this.playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        this.browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setArgs(List.of("--no-sandbox", "--disable-gpu")));
    }

    static Chromium start() {
        Optional<Path> executable = Stream.of(
                        System.getenv().getOrDefault("PATH", "").split(":"))
                .flatMap(directory -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(executable.isPresent(), "no Chromium on the PATH: the live page is not looked at");
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE.toMillis());
        return new Chromium(executable.orElseThrow());
    }

    /** A page in a window of its own, whose errors are remembered. */
    Page page(int width, int height) {
        BrowserContext window = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, height));
        window.setDefaultTimeout(PATIENCE.toMillis());
        Page page = window.newPage();
        page.onConsoleMessage(message -> {
            if (!message.type().equals("log")) {
                problems.add(message.type() + ": " + message.text());
            }
        });
        page.onPageError(problem -> problems.add("page error: " + problem));
        return page;
    }

    /** The page does not go wider than its window, be it a desk's or a phone's. */
    static void assertFits(Page page, int... widths) {
        for (int width : widths) {
            page.setViewportSize(width, 800);
            assertThat(page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                    .as("fits %d pixels", width)
                    .isEqualTo(true);
        }
    }

    /** What went wrong in pages so far. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** Forgets what went wrong, where a test has caused it. */
    void forgive() {
        problems.clear();
    }

    /** Serious findings of an axe scan: rule, what it is about, and where. */
    static List<String> seriousFindings(Page page) throws IOException {
        page.evaluate(script());
        Object answer = page.evaluate("async () => JSON.stringify((await axe.run()).violations)");
        List<String> findings = new ArrayList<>();
        for (JsonNode violation : JSON.readTree(String.valueOf(answer))) {
            if (Set.of("serious", "critical").contains(violation.path("impact").asText())) {
                findings.add(violation.path("id").asText() + ": "
                        + violation.path("help").asText() + " at "
                        + violation.path("nodes").findValuesAsText("html"));
            }
        }
        return findings;
    }

    private static String script() {
        try (InputStream in = Objects.requireNonNull(Chromium.class.getResourceAsStream("/axe.min.js"), "axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps a picture of the whole page among the test's output. */
    static void screenshot(Page page, String name, ColorScheme scheme) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target", name + "-" + scheme.name() + ".png")));
    }

    @Override
    public void close() {
        playwright.close();
    }
}
