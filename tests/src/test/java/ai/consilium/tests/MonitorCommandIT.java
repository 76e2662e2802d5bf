package ai.consilium.tests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium monitor} on a run while it goes on, and after its end. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class MonitorCommandIT {
    @TempDir
    private Path dir;

    @Test
    void givenARunUnderWayWhenItEndsThenItsPageGoesOnAtTheSameAddressAndShowsItsSamples() throws Exception {
        Path run = dir.resolve("small");
        try (RunProcess train = SmallRun.train(dir, run)) {
            train.awaitAnnounced("live page");
            try (RunProcess monitor =
                    RunProcess.start(dir, "monitor", Map.of(), "monitor", "--run-dir", run.toString())) {
                monitor.awaitAnnounced("live page");
                String address = monitor.announced("live page").orElseThrow();
                assertThat(address).isNotEqualTo(train.announced("live page").orElseThrow());
                await().atMost(RunProcess.PATIENCE)
                        .until(() -> monitor.picture()
                                .map(it -> it.path("tokens").asLong() > 0)
                                .orElse(false));

                train.succeed();
                // The page of a run that has ended comes from its log, which is opened anew.
                await().atMost(RunProcess.PATIENCE).until(() -> monitor.errors().split("live page", -1).length == 3);
                await().atMost(RunProcess.PATIENCE).until(() -> {
                    Optional<JsonNode> picture = monitor.picture();
                    return picture.isPresent()
                            && !picture.get().path("reading").asBoolean()
                            && picture.get().path("finished").asBoolean();
                });

                assertThat(monitor.alive()).isTrue();
                look(address);
                monitor.terminate();
                assertThat(monitor.endsWithin(Duration.ofMinutes(1))).isTrue();
            }
        }
        SmallRun.assertBalanced(SmallRun.describe(run), SmallRun.trained(3, 2));
    }

    private static void look(String address) throws Exception {
        try (Chromium chromium = Chromium.start();
                Page page = chromium.page(1280, 1000)) {
            page.navigate(address);
            assertThat(page.locator("#sentence")).containsText("Finished after");
            assertThat(page.locator("[data-chart='entropy'] canvas")).isVisible();
            page.locator("#sample-filter [name=policy]").focus();
            page.locator("#sample-filter button").click();
            page.locator("#samples button.link").first().click();
            Locator sample = page.locator("#sample");
            assertThat(sample.locator(".completion").first().locator(".tokens")).containsText("think");
            assertThat(sample.locator(".warning")).hasCount(0);
            assertThat(sample.locator(".tokens span[title]").nth(3)).isVisible();
            await().until(() -> !Integer.valueOf(0)
                    .equals(page.evaluate("() => document.querySelector('#sample img').naturalWidth")));
            sample.locator("details summary").first().click();
            assertThat(sample.locator(".prompt").first()).containsText("<|image_pad|>");
            Chromium.screenshot(page, "finished-run", ColorScheme.LIGHT);
            assertThat(chromium.problems()).isEmpty();
        }
    }
}
