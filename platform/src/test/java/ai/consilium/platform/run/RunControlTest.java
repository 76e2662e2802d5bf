package ai.consilium.platform.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.RunManifest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunControlTest {
    private static final RunSettings SETTINGS = new RunSettings(
            "0.2.0", PolicyTable.of(List.of("pediatrics")), new TreeMap<>(Map.of("seed", "1")), Set.of("seed"));

    private static RunManifest first() {
        return SETTINGS.revise(Optional.empty(), "small", "scheduler/s", 7).orElseThrow();
    }

    @Test
    void givenARunThatWasToldToPauseWhenItsSchedulerStartsAgainThenItIsPausedStill() {
        RunManifest paused = RunControl.PAUSE.after(first(), "command", 8);

        assertThat(RunControl.of(first())).isEqualTo(RunControl.GO);
        assertThat(RunControl.of(paused)).isEqualTo(RunControl.PAUSE);
        assertThat(paused.getRevision()).isEqualTo(2);
        assertThat(SETTINGS.revise(Optional.of(paused), "small", "scheduler/s", 9))
                .as("nothing to say")
                .isEmpty();
        RunSettings changed = new RunSettings(
                "0.2.0", PolicyTable.of(List.of("pediatrics")), new TreeMap<>(Map.of("seed", "2")), Set.of("seed"));
        assertThat(RunControl.of(changed.revise(Optional.of(paused), "small", "scheduler/s", 9)
                        .orElseThrow()))
                .isEqualTo(RunControl.PAUSE);
        SETTINGS.requireSameAs(paused);
    }

    @Test
    void givenWhatALaterVersionTellsThenItIsNamed() {
        RunManifest strange = RunManifest.newBuilder(first())
                .setSettings(new TreeMap<>(Map.of("control", "dance")))
                .build();

        assertThatThrownBy(() -> RunControl.of(strange))
                .hasMessageContaining("revision 1 of run small tells it to dance");
    }

    @Test
    void givenEachThenOnlyPauseAndStopKeepGroupsFromBeingOpened() {
        assertThat(RunControl.values())
                .filteredOn(RunControl::opensGroups)
                .containsExactly(RunControl.GO, RunControl.FINISH);
    }
}
