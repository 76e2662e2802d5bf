package ai.consilium.monitor.watchdog;

import static ai.consilium.monitor.watchdog.Timeline.POLICY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.platform.service.Impediment;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.RunEvent;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WatchRulesTest {
    private static final int PROMPTLY = 30;

    private final Timeline run = new Timeline();

    @Test
    void givenBatchesOfAMinuteEachWhenAllProcessesAreHeardThenNothingIsWrong() {
        run.version(0, false);
        for (int batch = 0; batch < 20; batch++) {
            String group = "g-" + batch;
            run.prompted(group).pass(60).sampled(group, FinishReason.STOP).pass(60);
            run.scored(group)
                    .closed(group)
                    .pass(60)
                    .ended(group, Outcome.TRAINED)
                    .version(batch + 1L, false);
        }
        assertThat(run.begun()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "SCHEDULER, no_scheduler",
        "ROLLOUT, no_workers",
        "REWARD, no_reward_service",
        "ADVANTAGE, no_advantage_stream",
        "LEARNER, no_learner"
    })
    void givenATrainingRunWhenAStageFallsSilentThenItIsNamedInTimeAndOnceAndEndsWhenItIsHeardAgain(
            Stage stage, String cause) {
        run.version(0, false).pass(10).dies(stage).pass(PROMPTLY);

        assertThat(run.begun())
                .extracting(Alarm::cause, Alarm::stage, Alarm::severity)
                .containsExactly(tuple(cause, stage.label(), "critical"));
        assertThat(run.alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.text())
                        .contains(stage.label() + "-a was last heard of", "consilium run " + stage.label()));

        run.pass(600).comesBack(stage).pass(10);
        assertThat(run.begun()).hasSize(1);
        assertThat(run.ended()).extracting(Alarm::cause).containsExactly(cause);
        assertThat(run.alarms()).isEmpty();
    }

    @Test
    void givenNoVersionYetWhenThereAreNoWorkersThenTheyAreNotMissed() {
        run.dies(Stage.ROLLOUT).dies(Stage.REWARD).dies(Stage.ADVANTAGE).pass(60);
        assertThat(run.begun()).isEmpty();

        run.version(0, false).pass(PROMPTLY);
        assertThat(run.begun())
                .extracting(Alarm::cause)
                .containsExactlyInAnyOrder("no_workers", "no_reward_service", "no_advantage_stream");
    }

    @Test
    void givenAStageThatHasEndedByItselfWhenItsProcessIsGoneThenItIsNotMissed() {
        run.version(0, false)
                .pass(10)
                .isDone(Stage.LEARNER)
                .isDone(Stage.SCHEDULER)
                .pass(60);
        assertThat(run.begun()).isEmpty();
    }

    @Test
    void givenFinalExpertsWhenTheMergerIsGoneThenItIsNamedAndNotBefore() {
        run.version(0, false).pass(5).dies(Stage.MERGER).pass(60);
        assertThat(run.begun()).isEmpty();
        run.version(1, true).pass(PROMPTLY);
        assertThat(run.begun()).extracting(Alarm::cause).containsExactly("no_merger");
    }

    @Test
    void givenARunThatIsOverWhenItsProcessesAreGoneThenNothingIsMissed() {
        run.version(0, true)
                .add(new RunEvent("run", "merger", "m", EventKind.FINISHED, "done", Map.of(), Map.of(), 1L));
        for (Stage stage : Stage.values()) {
            if (stage != Stage.MONITOR) {
                run.dies(stage);
            }
        }
        assertThat(run.pass(60).begun()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Impediment.Kind.class)
    void givenAnImpedimentWhenAProcessTellsOfItThenItIsNamedWithItsSubjectUntilItIsGone(Impediment.Kind kind) {
        run.version(0, false).pass(5).impeded(kind, "judge").pass(PROMPTLY);
        String cause = switch (kind) {
            case SCORER_DOWN -> "scorer_down";
            case SERVER_DOWN -> "server_down";
            case ADAPTER_REFUSED -> "adapter_mismatch";
        };
        assertThat(run.alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.cause()).isEqualTo(cause);
            assertThat(alarm.subject()).isEqualTo("judge");
            assertThat(alarm.text()).contains("judge", "cannot connect");
        });
        assertThat(run.unimpeded().pass(10).alarms()).isEmpty();
    }

    @Test
    void givenAProcessThatFailedWhenNoneTakesItsPlaceThenWhatKeptItIsToldBesideItsAbsence() {
        run.version(0, false)
                .pass(5)
                .impeded(Impediment.Kind.ADAPTER_REFUSED, "worker a")
                .fails(Stage.REWARD, "it does not fit")
                .unimpeded()
                .pass(120);
        assertThat(run.alarms())
                .extracting(Alarm::cause)
                .containsExactlyInAnyOrder("adapter_mismatch", "no_reward_service");
        assertThat(run.alarms()).anySatisfy(alarm -> assertThat(alarm.text()).contains("and failed: it does not fit"));

        assertThat(run.comesBack(Stage.REWARD).pass(10).alarms()).isEmpty();
    }

    @Test
    void givenADiskWithLittleRoomThenItIsNamedAsLongAsItIsSo() {
        run.pass(5).free(100L << 20).pass(PROMPTLY);
        assertThat(run.alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.cause()).isEqualTo("disk_full");
            assertThat(alarm.text()).startsWith("the run directory of learner-a has 100 MiB left");
        });
        assertThat(run.free(2L << 30).pass(10).alarms()).isEmpty();
    }

    @Test
    void givenGroupsWhoseSamplesAreAllRewardedAlikeThenItSaysSoUntilOneIsNot() {
        run.version(0, false).prompted("before").closed("before").pass(1);
        for (int i = 0; i < WatchRules.GROUPS; i++) {
            assertThat(run.alarms()).isEmpty();
            run.ended("g-" + i, Outcome.FILTERED).pass(1);
        }
        run.pass(5);
        assertThat(run.alarms())
                .extracting(Alarm::cause, Alarm::subject, Alarm::severity)
                .containsExactly(tuple("no_signal", POLICY, "warning"));
        assertThat(run.closed("after").pass(10).alarms()).isEmpty();
    }

    @Test
    void givenAnExpertThatKnowsItsCasesWhenItsRoundEndsThenNobodyIsToldOfItsGroupsAnyMore() {
        run.version(0, false);
        for (int i = 0; i < WatchRules.GROUPS; i++) {
            run.ended("g-" + i, Outcome.FILTERED).pass(1);
        }
        run.pass(5);
        assertThat(run.alarms()).extracting(Alarm::cause).containsExactly("no_signal");
        assertThat(run.version(1, true).pass(10).alarms()).isEmpty();
    }

    @Test
    void givenFilteredGroupsThatAreReadBeforeTheOthersOfTheirTimeThenTheyAreNoSignOfAnything() {
        run.version(0, false);
        for (int i = 0; i < 3 * WatchRules.GROUPS; i++) {
            run.ended("g-" + i, Outcome.FILTERED);
        }
        run.pass(1).closed("g-100").pass(60);
        assertThat(run.begun()).isEmpty();
    }

    @Test
    void givenGroupsThatAllEndRejectedThenTheLastReasonIsTold() {
        run.version(0, false);
        for (int i = 0; i < WatchRules.GROUPS; i++) {
            run.ended("g-" + i, Outcome.REJECTED);
        }
        assertThat(run.pass(PROMPTLY).alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.cause()).isEqualTo("groups_refused");
            assertThat(alarm.text()).endsWith("the last: the image is missing");
        });
        assertThat(run.ended("g-100", Outcome.TRAINED).pass(10).alarms()).isEmpty();
    }

    @Test
    void givenCompletionsThatAreAllCutThenItSaysSoUntilEnoughAreNot() {
        run.version(0, false);
        for (int i = 0; i < WatchRules.COMPLETIONS / Timeline.MEMBERS; i++) {
            run.sampled("g-" + i, FinishReason.LENGTH);
        }
        assertThat(run.pass(PROMPTLY).alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.text()).contains("sampling.max_completion_tokens"));
        for (int i = 0; i < 10; i++) {
            run.sampled("h-" + i, FinishReason.STOP);
        }
        assertThat(run.pass(10).alarms()).isEmpty();
    }

    @Test
    void givenCompleteGroupsWhenNoneIsClosedThenTheAdvantageStreamIsStuck() {
        run.version(0, false)
                .prompted("g-1")
                .prompted("g-2")
                .pass(5)
                .scored("g-1")
                .pass(PROMPTLY);
        assertThat(run.alarms())
                .extracting(Alarm::cause, Alarm::stage)
                .containsExactly(tuple("advantage_stuck", "advantage"));

        run.closed("g-1").pass(10);
        assertThat(run.alarms()).isEmpty();
        assertThat(run.pass(300).alarms()).as("g-2 has not been scored").isEmpty();
    }

    @Test
    void givenAnEndThatIsReadBeforeItsPromptThenTheGroupIsNotWaitedFor() {
        run.version(0, false).closed("g-1").prompted("g-1").scored("g-1").pass(120);
        assertThat(run.begun()).isEmpty();
    }

    @Test
    void givenALogThatCannotBeReadThenTheMonitorSaysOnlyThatAndForgetsNothing() {
        run.version(0, false)
                .pass(5)
                .impeded(Impediment.Kind.SCORER_DOWN, "judge")
                .pass(10);
        run.blind(true).pass(PROMPTLY);
        assertThat(run.alarms()).extracting(Alarm::cause).containsExactly("scorer_down", "monitor_blind");
        assertThat(run.pass(120).begun()).hasSize(2);

        run.blind(false).pass(10);
        assertThat(run.alarms()).extracting(Alarm::cause).containsExactly("scorer_down");
    }

    @Test
    void givenSomethingThatIsOverAfterASecondThenNobodyHearsOfIt() {
        run.version(0, false).pass(5).free(0).pass(2).free(1L << 40).pass(20);
        assertThat(run.begun()).isEmpty();
    }

    @Test
    void givenARunThatNobodyContinuesWhenItsLogIsReadThenTheWatchdogSaysNothing() {
        run.blind(true).version(0, false).prompted("g-1").scored("g-1").pass(600);
        assertThat(run.begun()).isEmpty();
    }
}
