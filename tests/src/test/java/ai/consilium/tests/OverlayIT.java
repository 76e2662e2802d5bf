package ai.consilium.tests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.run.RunContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium monitor A B}: the curves of a run that has ended and of one that goes on, over each other. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class OverlayIT {
    private static final String HOSTILE = "b<img src=x onerror=window.harmed=1>";

    @TempDir
    private Path dir;

    /** The directory of a run as {@code train} leaves it, with a log that a story is written to. */
    private static final class ToldRun implements AutoCloseable {
        private final DirectoryLock held;
        private final RunOnDisk log;
        private final RunStory story;
        private boolean open = true;

        ToldRun(Path directory, String runId, String... settings) throws IOException {
            held = DirectoryLock.claim(directory, "run.lock");
            String configuration = CommandLineRun.of(Map.of(), settings).text();
            Files.writeString(directory.resolve("config.yaml"), configuration);
            Files.writeString(directory.resolve("run.id"), runId + "\n");
            log = new RunOnDisk(directory);
            log.announce(directory);
            RunContext context =
                    new RunContext(runId, "story", List.of("pediatrics"), log.kafka(), new SimpleMeterRegistry());
            TopicCatalogue.create(log.kafka(), context.policies());
            story = new RunStory(context);
        }

        @Override
        public void close() {
            if (open) {
                open = false;
                story.close();
                log.close();
                held.close();
            }
        }
    }

    @Test
    void givenAnEndedRunAndOneUnderWayWhenLaidOverEachOtherThenBothAreDrawnAndTheLiveOneIsFollowedToItsEnd()
            throws Exception {
        Path ended = dir.resolve("a");
        Path live = dir.resolve(HOSTILE);
        String only = "specialties=[pediatrics]";
        try (ToldRun run = new ToldRun(ended, "a", "config", "show", "--set", only)) {
            run.story.begins();
            run.story.trains("pediatrics", 1, 0.25);
            run.story.trains("pediatrics", 2, 0.5);
            run.story.finishes();
        }
        try (ToldRun run = new ToldRun(live, "b", "config", "show", "--set", only, "--set", "seed=2");
                RunProcess monitor =
                        RunProcess.start(dir, "monitor", Map.of(), "monitor", ended.toString(), live.toString());
                Chromium chromium = Chromium.start();
                Page page = chromium.page(1280, 1000)) {
            run.story.begins();
            run.story.trains("pediatrics", 1, 0.75);
            monitor.awaitAnnounced("live page");
            page.navigate(monitor.announced("live page").orElseThrow());

            Locator rows = page.locator("#runs tbody tr");
            assertThat(rows).hasCount(2);
            assertThat(rows.first()).containsText("Finished after");
            assertThat(rows.first()).containsText("seed 1");
            assertThat(rows.last()).containsText(HOSTILE);
            assertThat(rows.last()).containsText("Live. Reinforcement is under way");
            assertThat(rows.last()).containsText("seed 2");
            Locator accuracy = page.locator("[data-chart='reward/accuracy']");
            assertThat(accuracy.locator("canvas")).isVisible();
            assertThat(accuracy.locator(".key li")).hasText(new String[] {"a0.5000", HOSTILE + "0.7500"});
            assertThat(accuracy.locator("[role=img]"))
                    .hasAttribute(
                            "aria-label", "Accuracy in training (share). Newest: a 0.5000, " + HOSTILE + " 0.7500.");

            run.story.trains("pediatrics", 2, 1.0);
            accuracy.locator("summary").click();
            assertThat(accuracy.locator("tbody tr").first()).hasText("20.50001.00");
            page.locator("#runs input").first().focus();
            page.keyboard().press("Space");
            assertThat(accuracy.locator(".key li")).hasText(new String[] {HOSTILE + "1.00"});
            page.keyboard().press("Space");
            assertThat(accuracy.locator(".key li")).hasCount(2);

            run.story.merges();
            assertThat(page.locator("#policy option")).hasText(new String[] {"pediatrics", "unified"});
            page.locator("#policy").selectOption("unified");
            assertThat(page.locator("[data-chart='distill/kl'] canvas")).isVisible();
            assertThat(accuracy).isHidden();
            page.locator("#policy").selectOption("pediatrics");
            assertThat(accuracy).isVisible();

            assertThat(Chromium.seriousFindings(page)).isEmpty();
            Chromium.screenshot(page, "overlay", ColorScheme.LIGHT);
            Chromium.screenshot(page, "overlay", ColorScheme.DARK);
            assertThat(Chromium.seriousFindings(page)).as("in dark colours").isEmpty();
            Chromium.assertFits(page, 1280, 1000, 390);

            run.story.finishes();
            run.close();
            // Its log is opened, and everything of it is there.
            assertThat(rows.last()).containsText("Finished after");
            assertThat(rows.last()).not().containsText("Live.");
            assertThat(accuracy.locator(".key li").last()).hasText(HOSTILE + "1.00");
            assertThat(page.evaluate("() => window.harmed ?? null")).isNull();
            assertThat(page.locator("img")).hasCount(0);
            assertThat(chromium.problems()).isEmpty();
            monitor.terminate();
            assertThat(monitor.endsWithin(Duration.ofMinutes(1))).isTrue();
        }
        // Nobody holds them any more.
        DirectoryLock.claim(ended, "run.lock").close();
    }

    @Test
    void givenADirectoryWithoutARunWhenLaidOverOthersThenItIsRefusedByName() {
        CommandLineRun refused =
                CommandLineRun.of("monitor", dir.toString(), dir.resolve("b").toString());

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.told())
                .containsExactly("consilium: --run-dir: " + dir + " contains no run: config.yaml is missing");
    }
}
