package ai.consilium.learner.sft;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.LearnerConfigs;
import ai.consilium.learner.LearnerRig;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.policy.adapter.Adapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DomainAdaptationTest {
    private static LearnerRig rig;

    @BeforeAll
    static void load(@TempDir Path directory) throws IOException {
        rig = new LearnerRig(directory);
    }

    @AfterAll
    static void unload() {
        rig.close();
    }

    private static LearnerConfig config() {
        LearnerConfig tiny = LearnerConfigs.tiny();
        return new LearnerConfig(
                new LearnerConfig.Lora(8, 16, List.of("q_proj", "v_proj", "up_proj", "down_proj")),
                new LearnerConfig.Dsa(Map.of("default", 2), 0, 1, 4, 2e-2, 0, List.of()),
                tiny.rl(),
                tiny.loss(),
                tiny.optimiser(),
                tiny.activations(),
                tiny.ckpt(),
                tiny.learner());
    }

    @Test
    void givenTracesWhenAdaptedThenTheyAreImitatedAndTrainingGoesOnFromThere() throws InterruptedException {
        List<Map<String, Double>> steps = new ArrayList<>();
        try (DomainAdaptation adaptation = rig.adaptation(config())) {
            // when it runs, and goes on for the budget of a few more steps
            Adapter adapted =
                    adaptation.run(30, (share, figures) -> steps.add(figures)).orElseThrow();
            int before = steps.size();
            Adapter longer = adaptation
                    .runUntil(() -> (steps.size() - before) / 10.0, (share, figures) -> steps.add(figures))
                    .orElseThrow();

            // then
            assertThat(before).isEqualTo(30);
            assertThat(steps).hasSize(40);
            assertThat(loss(steps.get(29))).isLessThan(0.9 * loss(steps.get(0)));
            assertThat(steps.get(39)).containsEntry("step", 40.0);
            assertThat(longer.hash()).isNotEqualTo(adapted.hash());
        }
    }

    @Test
    void givenTheSameSeedWhenAdaptedThenTheBitsAreTheSame() throws InterruptedException {
        assertThat(adapter(3).hash()).isEqualTo(adapter(3).hash());
    }

    @Test
    void givenAnAdaptationWhenToldToStopThenItStops() throws InterruptedException {
        try (DomainAdaptation adaptation = rig.adaptation(config())) {
            Optional<Adapter> stopped = adaptation.run(30, (share, figures) -> share < 0.1);

            assertThat(stopped).isEmpty();
        }
    }

    private static double loss(Map<String, Double> figures) {
        return figures.getOrDefault("loss", Double.NaN);
    }

    private static Adapter adapter(int steps) throws InterruptedException {
        try (DomainAdaptation adaptation = rig.adaptation(config())) {
            return adaptation.run(steps, (share, figures) -> true).orElseThrow();
        }
    }
}
