package ai.consilium.tests;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.monitor.samples.CaseView;
import ai.consilium.monitor.samples.GroupIndex;
import ai.consilium.monitor.samples.RecordFetcher;
import ai.consilium.monitor.samples.SampleBrowser;
import ai.consilium.monitor.state.RunState;
import ai.consilium.monitor.web.DataRoutes;
import ai.consilium.monitor.web.LivePage;
import ai.consilium.monitor.web.PageAssets;
import ai.consilium.platform.LocalHttp;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.RunEvent;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import com.microsoft.playwright.Page;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A history of 10,000 steps of four specialties and of 1,000,000 events: bounded in memory, and drawn at once. */
class LongHistoryIT {
    private static final int STEPS = 10_000;
    private static final int EVENTS = 1_000_000;
    private static final List<String> SPECIALTIES =
            List.of("adult_medicine", "pediatrics", "brain_senses", "oncology_surgery");
    private static final List<String> FIGURES = List.of(
            "reward/accuracy",
            "reward/format",
            "reward/guideline",
            "entropy",
            "kl",
            "clip_ratio/low_mean",
            "clip_ratio/high_mean",
            "rollout_corr/kl",
            "rollout_corr/rollout_is_eff_sample_size",
            "grad_norm",
            "response_length/mean",
            "response_length/max",
            "response_length/clip_ratio",
            "staleness/mean",
            "staleness/max",
            "step_seconds",
            "wait_for_batch_seconds");

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenALongHistoryWhenItsPageIsOpenedThenItIsDrawnAndItsMemoryIsBounded() {
        long before = used();
        RunState state = new RunState("long", SPECIALTIES, STEPS);
        long now = System.currentTimeMillis();
        for (int event = 0; event < EVENTS; event++) {
            EventKind kind = event % 10 == 0 ? EventKind.PHASE : EventKind.PROGRESS;
            state.add(
                    new RunEvent("long", "learner", "here", kind, "event " + event, Map.of(), Map.of(), now),
                    event,
                    now);
        }
        for (int step = 1; step <= STEPS; step++) {
            for (String specialty : SPECIALTIES) {
                step(state, specialty, step, now);
            }
        }
        state.caughtUp();
        long kept = (used() - before) >> 20;
        System.out.println("LongHistoryIT: the state takes " + kept + " MiB");
        assertThat(kept).isLessThan(100);

        RunContext run = cluster.run(SPECIALTIES.toArray(String[]::new));
        RecordFetcher log = new RecordFetcher(run.kafka());
        LivePage live = new LivePage(() -> state.at(System.currentTimeMillis()), Duration.ofSeconds(1));
        DataRoutes data =
                new DataRoutes(state::charts, new SampleBrowser(new GroupIndex(), log, CaseView.NONE), log, null);
        try (LocalHttp server = LocalHttp.start("127.0.0.1", 0, "test", routes -> {
                    PageAssets.routes(routes);
                    live.routes(routes);
                    data.routes(routes);
                });
                Chromium chromium = Chromium.start();
                Page page = chromium.page(1280, 1000)) {
            long start = System.nanoTime();
            page.navigate(server.url());
            assertThat(page.locator("[data-chart='wait_for_batch_seconds'] canvas"))
                    .isVisible();
            long drawn = (System.nanoTime() - start) / 1_000_000;
            assertThat(page.locator("#events li").first()).containsText("event 999990");
            Object slowest = page.evaluate("""
                    () => new Promise((done) => {
                      let slowest = 0, last = performance.now(), frames = 0;
                      function frame(now) {
                        slowest = Math.max(slowest, now - last);
                        last = now;
                        window.scrollBy(0, 60);
                        if (++frames < 60) requestAnimationFrame(frame); else done(Math.round(slowest));
                      }
                      requestAnimationFrame(frame);
                    })""");
            System.out.println(
                    "LongHistoryIT: drawn after " + drawn + " ms; slowest frame of a scroll " + slowest + " ms");
            // It takes half a second; a machine may be busy.
            assertThat(drawn).isLessThan(30_000);
            assertThat(chromium.problems()).isEmpty();
            live.hangUp();
        }
    }

    private static void step(RunState state, String specialty, int step, long now) {
        Map<String, Double> figures = new HashMap<>();
        for (String figure : FIGURES) {
            figures.put(figure, 0.5 + 0.4 * Math.sin(step / 500.0) + 0.1 * Math.sin(step * figure.length()));
        }
        String group = specialty + "-" + step;
        state.add(
                Prompt.newBuilder(RunRecords.prompt(group, specialty))
                        .setCreatedMs(now)
                        .build(),
                step,
                now);
        state.add(
                PolicyUpdate.newBuilder(RunRecords.update(specialty, step, 1, 1))
                        .setCreatedMs(now)
                        .setFigures(figures)
                        .build(),
                step,
                now);
        state.add(
                GroupOutcome.newBuilder(RunRecords.outcome(group, Outcome.TRAINED))
                        .setSpecialty(specialty)
                        .setPolicyVersion(step)
                        .build(),
                step,
                now);
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
