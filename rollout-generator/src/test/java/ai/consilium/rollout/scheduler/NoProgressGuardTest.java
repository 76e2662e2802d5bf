package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.testing.RunRecords;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class NoProgressGuardTest {
    private static final int BATCH = 2;
    private static final int MOST = SchedulerConfigs.MOST_UNTRAINED * 2 * BATCH;

    @Property(tries = 100)
    void givenAnyOrderOfTheRecordsWhenReadThenTheAnswerIsTheSame(@ForAll long seed) {
        List<Consumer<NoProgressGuard>> log = new ArrayList<>();
        log.add(groups -> groups.enter(update(1, 5, false)));
        for (int ms = 1; ms < 5 + MOST; ms++) {
            GroupOutcome outcome = outcome("pediatrics", ms, Outcome.FILTERED);
            log.add(groups -> groups.enter(outcome, outcome.getSpecialty()));
        }
        List<Consumer<NoProgressGuard>> less = new ArrayList<>(log.subList(0, log.size() - 1));
        Collections.shuffle(log, new Random(seed));
        Collections.shuffle(less, new Random(seed));

        assertThat(read(log).standstills()).isNotEmpty();
        assertThat(read(less).standstills()).isEmpty();
    }

    @Test
    void givenWhatIsTrainedUnusedOrOfAnotherSpecialtyWhenAskedThenItDoesNotCount() {
        NoProgressGuard groups = guard(SchedulerConfigs.scheduler(BATCH, 1, 10));
        for (int i = 0; i < MOST; i++) {
            groups.enter(outcome("pediatrics", i, Outcome.TRAINED), "pediatrics");
            groups.enter(outcome("pediatrics", i, Outcome.UNUSED), "pediatrics");
            groups.enter(
                    outcome(i % 2 == 0 ? "pediatrics" : "adult_medicine", i, Outcome.STALE),
                    i % 2 == 0 ? "pediatrics" : "adult_medicine");
        }

        assertThat(groups.standstills()).isEmpty();
    }

    @Test
    void givenThatWhatIsTooOldIsDroppedWhenGroupsAreStaleThenSamplingIsOnlyBusy() {
        SchedulerConfig drops = SchedulerConfigs.scheduler(BATCH, 1, new SchedulerConfig.Staleness("drop", 1, 1), 10);
        NoProgressGuard groups = guard(drops);
        for (int ms = 0; ms < MOST; ms++) {
            groups.enter(outcome("pediatrics", ms, Outcome.STALE), "pediatrics");
        }
        assertThat(groups.standstills()).isEmpty();

        for (int ms = 0; ms < MOST; ms++) {
            groups.enter(outcome("pediatrics", ms, Outcome.REJECTED), "pediatrics");
        }
        assertThat(groups.standstills()).isNotEmpty();
    }

    @Test
    void givenNoLimitWhenGroupsEndUntrainedThenThereIsNoProblemAndTheyAreNotRemembered() {
        SchedulerConfig config = SchedulerConfigs.scheduler(BATCH, 1, 10);
        NoProgressGuard groups = new NoProgressGuard(0, Pace.of(List.of("pediatrics"), config, ConsolidationPlan.NONE));
        groups.enter(update(1, 0, false));
        for (int ms = 1; ms <= MOST; ms++) {
            groups.enter(outcome("pediatrics", ms, Outcome.FILTERED), "pediatrics");
        }

        assertThat(groups.standstills()).isEmpty();
        assertThat(groups.content().since().values()).allMatch(List::isEmpty);
    }

    @Test
    void givenTheFinalVersionWhenGroupsStillEndWithoutTrainingThenThatIsNoProblem() {
        NoProgressGuard groups = guard(SchedulerConfigs.scheduler(BATCH, 1, 10));
        groups.enter(update(10, 0, true));
        for (int ms = 1; ms <= MOST; ms++) {
            groups.enter(outcome("pediatrics", ms, Outcome.FILTERED), "pediatrics");
        }

        assertThat(groups.standstills()).isEmpty();
    }

    @Test
    void givenSamplesThatAreAllAlikeWhenGroupsEndUntrainedThenTheirExpertIsSettledUnlessRewardsMayBeBroken() {
        assertThat(standstill(MOST, 0, 0).settled()).isTrue();
        assertThat(standstill(2, MOST - 2, 0).settled()).isTrue();
        assertThat(standstill(2, MOST - 2, 0).told())
                .isEqualTo(
                        "of 16 groups in a row none could be trained on; in 2 all samples were right, in 14 all were wrong");
        assertThat(standstill(1, MOST - 1, 0).settled()).as("one is right").isFalse();
        assertThat(standstill(0, 0, MOST).settled())
                .as("accuracy is not scored")
                .isFalse();
        assertThat(standstill(2, MOST / 2 - 2, 0).settled())
                .as("half is abandoned")
                .isFalse();
        assertThat(standstill(2, MOST / 2 - 1, 0).settled())
                .as("less than half is abandoned")
                .isTrue();
    }

    /** Of {@link #MOST} groups, those that are filtered as said, and others that are abandoned. */
    private static NoProgressGuard.Standstill standstill(int right, int wrong, int unknown) {
        NoProgressGuard groups = guard(SchedulerConfigs.scheduler(BATCH, 1, 10));
        for (int ms = 0; ms < MOST; ms++) {
            GroupOutcome.Builder outcome = GroupOutcome.newBuilder(
                    outcome("pediatrics", ms, ms < right + wrong + unknown ? Outcome.FILTERED : Outcome.ABANDONED));
            if (ms < right + wrong) {
                outcome.setPassRate(ms < right ? 1.0 : 0.0);
            }
            groups.enter(outcome.build(), "pediatrics");
        }
        assertThat(groups.standstills()).hasSize(1);
        return groups.standstills().get(0);
    }

    private static NoProgressGuard read(List<Consumer<NoProgressGuard>> log) {
        NoProgressGuard groups = guard(SchedulerConfigs.scheduler(BATCH, 1, 10));
        log.forEach(record -> record.accept(groups));
        return groups;
    }

    private static PolicyUpdate update(long version, long createdMs, boolean last) {
        return PolicyUpdate.newBuilder(RunRecords.update("pediatrics", version, 1, 1))
                .setFinalVersion(last)
                .setCreatedMs(createdMs)
                .build();
    }

    private static GroupOutcome outcome(String specialty, long createdMs, Outcome outcome) {
        return GroupOutcome.newBuilder(RunRecords.outcome(specialty + "-" + createdMs, outcome))
                .setSpecialty(specialty)
                .setCreatedMs(createdMs)
                .build();
    }

    private static NoProgressGuard guard(SchedulerConfig config) {
        return new NoProgressGuard(
                config.maxUntrainedBatches(),
                Pace.of(List.of("pediatrics", "adult_medicine"), config, ConsolidationPlan.NONE));
    }
}
