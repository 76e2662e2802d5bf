package ai.consilium.reward.decision;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.definition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.reward.ScoringExamples;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.schemas.ScoringConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoringConfigReaderTest {
    private final Deque<List<ScoringConfig>> log = new ArrayDeque<>();
    private int reads;

    @Test
    void givenATrajectoryThatOvertookItsConfigurationWhenReadThenItIsWaitedFor() throws Exception {
        ScoringDefinition plan = definition(config(check("accuracy")), Path.of("."));
        log.add(List.of());
        log.add(List.of(plan.config()));

        ScoringConfigReader catalogue = catalogue(Duration.ofMinutes(1));
        assertThat(catalogue.find(plan.hash())).isEmpty();
        assertThat(catalogue.find(plan.hash())).isPresent();
    }

    @Test
    void givenAStrayHashWhenReadAgainThenItIsWaitedForOnceOnly() {
        ScoringConfigReader catalogue = catalogue(Duration.ofMillis(50));
        await().untilAsserted(() -> assertThatThrownBy(() -> catalogue.find("stray"))
                .isInstanceOf(UnscorableException.class)
                .hasMessageContaining("stray is not on the log"));
        int first = reads;

        assertThatThrownBy(() -> catalogue.find("stray")).isInstanceOf(UnscorableException.class);

        assertThat(reads).isEqualTo(first + 1);
    }

    @Test
    void givenABrokenConfigurationWhenReadThenItIsRefusedWithItsReason() {
        log.add(List.of(new ScoringConfig("deadbeef", "gba", java.util.Map.of(), List.of(), "{}")));

        assertThatThrownBy(() -> catalogue(Duration.ofMinutes(1)).find("deadbeef"))
                .hasMessageContaining("holds a body whose hash is");
    }

    private ScoringConfigReader catalogue(Duration patience) {
        return new ScoringConfigReader(
                wait -> {
                    reads++;
                    return log.isEmpty() ? List.of() : log.pop();
                },
                plan -> ScorerPanel.of(plan, ScoringExamples.resources(), ScoringExamples.lanes()),
                patience);
    }
}
