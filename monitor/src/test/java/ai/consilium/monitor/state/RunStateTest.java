package ai.consilium.monitor.state;

import static ai.consilium.monitor.state.Stories.PEDIATRICS;
import static ai.consilium.monitor.state.Stories.event;
import static ai.consilium.monitor.state.Stories.group;
import static ai.consilium.monitor.state.Stories.outcome;
import static ai.consilium.monitor.state.Stories.scored;
import static ai.consilium.monitor.state.Stories.trajectory;
import static ai.consilium.monitor.state.Stories.unscored;
import static ai.consilium.monitor.state.Stories.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.TestSeed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

class RunStateTest {
    private final RunState state = new RunState("run", List.of(PEDIATRICS), 4);

    private void add(SpecificRecord record) {
        state.add(record, 0, 1);
    }

    @Test
    void givenGroupsWhenEachHasItsFirstOutcomeThenAllAreAccountedFor() {
        // given
        add(RunRecords.prompt("g-1", PEDIATRICS));
        add(RunRecords.prompt("g-2", PEDIATRICS));
        add(RunRecords.prompt("g-3", PEDIATRICS));

        // when
        add(outcome("g-1", Outcome.TRAINED));
        add(outcome("g-1", Outcome.UNUSED));
        add(outcome("g-2", Outcome.FILTERED));

        // then
        RunSnapshot.Books books = state.at(10).books();
        assertThat(books.prompts()).isEqualTo(3);
        assertThat(books.open()).isEqualTo(1);
        assertThat(books.outcomes())
                .containsEntry("trained", 1L)
                .containsEntry("filtered", 1L)
                .containsEntry("unused", 0L)
                .hasSize(Outcome.values().length);
    }

    @Test
    void givenAStepThenItsFiguresAndTheAgeOfItsGroupsAreDrawn() {
        // given
        add(update(0, 0, false));
        add(update(1, 10, false));

        // when a step is told of, once more too
        PolicyUpdate step = PolicyUpdate.newBuilder(update(2, 20, false, "g-1", "g-2"))
                .setFigures(Map.of(
                        "reward/accuracy",
                        0.5,
                        "reward/accuracy/analytical",
                        0.75,
                        "staleness/groups/0",
                        1.0,
                        "staleness/groups/16",
                        3.0,
                        "staleness/groups/17",
                        1.0,
                        "entropy",
                        Double.NaN,
                        "unheard/of",
                        1.0))
                .build();
        add(step);
        add(step);

        // then
        RunSnapshot.Specialty specialty = state.at(30).specialties().get(0);
        assertThat(specialty.figures()).isEqualTo(Map.of("reward/accuracy", 0.5));
        assertThat(specialty.version()).isEqualTo(2);
        assertThat(specialty.phase()).isEqualTo("reinforcement");
        ChartData.Policy drawn = state.charts().policies().get(0);
        assertThat(drawn.figures()).containsOnlyKeys("reward/accuracy");
        assertThat(Objects.requireNonNull(drawn.figures().get("reward/accuracy"))
                        .x())
                .containsExactly(2);
        ChartData.Line analytical = Objects.requireNonNull(drawn.perspectives().get("analytical"));
        assertThat(analytical.x()).containsExactly(2);
        assertThat(analytical.mean()).containsExactly(0.75f);
        assertThat(state.charts().staleness()).hasSize(17).startsWith(1, 0).endsWith(0, 3);
    }

    @Test
    void givenExaminationsThenEachVersionShowsItsShareOfRightAnswersAndTheBooksCountThem() {
        // given two versions, one of whose answers could not be judged
        OutcomeFactory outcomes = new OutcomeFactory("advantage/test");
        add(outcomes.examined("pediatrics@2-0", PEDIATRICS, 2, 1.0, 5));
        add(outcomes.examined("pediatrics@0-0", PEDIATRICS, 0, 0.0, 5));
        add(outcomes.examined("pediatrics@0-1", PEDIATRICS, 0, 1.0, 5));
        add(outcomes.examined("pediatrics@0-1-bayesian", PEDIATRICS, 0, 1.0, 5));

        // when
        add(outcomes.examined("pediatrics@2-1", PEDIATRICS, 2, null, 5));

        // then
        assertThat(state.at(10).specialties().get(0).validation()).isEqualTo(new RunSnapshot.Examined(2, 1.0, 1));
        Map<String, ChartData.Line> drawn = state.charts().policies().get(0).validation();
        assertThat(drawn).containsOnlyKeys("bayesian", "none");
        ChartData.Line unguided = Objects.requireNonNull(drawn.get("none"));
        assertThat(unguided.x()).containsExactly(0, 2);
        assertThat(unguided.mean()).containsExactly(0.5f, 1f);
        assertThat(Objects.requireNonNull(drawn.get("bayesian")).mean()).containsExactly(1f);
        assertThat(state.at(10).books().outcomes()).containsEntry("examined", 5L);
    }

    @Test
    void givenAnyInterleavingOfTopicsWhenReadThenTheSnapshotIsTheSame() {
        // given four topics, each with an order of its own
        List<List<SpecificRecord>> topics =
                List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        topics.get(3).add(update(0, 0, false));
        for (int step = 1; step <= 4; step++) {
            topics.get(0).add(RunRecords.prompt("g-" + step, PEDIATRICS));
            topics.get(1).add(group("g-" + step, step - 1, step / 4.0, 0.5));
            topics.get(2).add(outcome("g-" + step, Outcome.TRAINED));
            topics.get(3).add(update(step, step * 10L, step == 4, "g-" + step));
        }
        topics.forEach(topic -> topic.forEach(this::add));
        RunSnapshot straight = state.at(50);
        Random random = new Random(TestSeed.of(RunStateTest.class));

        for (int round = 0; round < 50; round++) {
            // when they are read in another interleaving
            RunState other = new RunState("run", List.of(PEDIATRICS), 4);
            List<Deque<SpecificRecord>> left = new ArrayList<>();
            topics.forEach(topic -> left.add(new ArrayDeque<>(topic)));
            while (!left.isEmpty()) {
                Deque<SpecificRecord> next = left.get(random.nextInt(left.size()));
                other.add(next.remove(), 0, 1);
                left.removeIf(Deque::isEmpty);
            }

            // then
            assertThat(other.at(50).specialties()).isEqualTo(straight.specialties());
        }
        assertThat(straight.books().open()).isZero();
    }

    @Test
    void givenSomeStepsThenTheTimeLeftIsEstimatedFromThem() {
        add(update(0, 1_000, false));
        assertThat(state.at(1_000).leftMs()).isNull();

        add(update(1, 3_000, false, "g-1"));

        // 3 steps at 2 s each, half a second of it gone
        assertThat(state.at(3_500).leftMs()).isEqualTo(5_500);
        // the second step is late, the two after it still take their 2 s
        assertThat(state.at(60_000).leftMs()).isEqualTo(4_000);
    }

    @Test
    void givenOlderAndNewerTokensThenTheRateIsThatOfTheLastHalfMinute() {
        for (int second = 0; second < 60; second++) {
            add(trajectory("g-" + second, second * 1000L, 100));
        }

        assertThat(state.at(59_500).tokensPerSecond()).isEqualTo(100, within(4.0));
        assertThat(state.at(200_000).tokensPerSecond()).isZero();
        assertThat(state.at(200_000).tokens()).isEqualTo(6000);
    }

    @Test
    void givenWhatTheAgentSamplesInConsolidationThenItCountsInTheRunAndInABookOfItsOwn() {
        add(RunRecords.update(Topics.UNIFIED, 1, 1, 1));
        add(Prompt.newBuilder(RunRecords.prompt("unified-0", "pediatrics"))
                .setPolicy(Topics.UNIFIED)
                .build());
        add(Trajectory.newBuilder(trajectory("unified-0", 1_000, 300))
                .setPolicy(Topics.UNIFIED)
                .build());

        RunSnapshot run = state.at(2_000);

        assertThat(run.tokens()).isEqualTo(300);
        assertThat(run.tokensPerSecond()).isPositive();
        assertThat(run.books().prompts()).isEqualTo(1);
        assertThat(Objects.requireNonNull(run.unified()).books().open()).isEqualTo(1);
        assertThat(run.specialties())
                .allSatisfy(specialty -> assertThat(specialty.books().prompts()).isZero());
    }

    @Test
    void givenCasesThatAreAddedOrRefusedThenTheStateSaysWhichAreInUse() {
        assertThat(state.at(0).edition()).isNull();
        add(event(EventKind.REFUSED, 5, "other", Map.of("edition_cases", "many", "edition_round", "1")));
        assertThat(state.at(0).edition()).isNull();
        add(event(
                EventKind.REFUSED,
                6,
                "round 2 draws on 120 cases",
                Map.of("edition_cases", "120", "edition_round", "1", "edition_refused", "train.jsonl:121: id: twice")));
        state.caughtUp();

        assertThat(state.at(7).edition()).isEqualTo(new RunSnapshot.Edition(120, 1, "train.jsonl:121: id: twice"));
        assertThat(state.at(7).sentence()).contains("; the cases stay as they were: train.jsonl:121");

        add(event(EventKind.STARTED, 8, "x", Map.of("edition_cases", "150", "edition_round", "3")));
        assertThat(state.at(9).edition()).isEqualTo(new RunSnapshot.Edition(150, 3, null));
        assertThat(state.at(9).sentence()).doesNotContain("stay as they were");
    }

    @Test
    void givenUnscoredTrajectoriesThenTheyAreCountedApartAndNotInTheMean() {
        add(scored("remote", 0.5));
        add(unscored("remote", "cannot connect (2 tries)"));

        assertThat(state.at(1).scorers())
                .containsExactly(new RunSnapshot.Scorer("remote", false, 1, 1, 0.5, 2.0, "cannot connect (2 tries)"));
    }

    @Test
    void givenASupervisedStartThenItsStepAndLossAreShownUntilItIsPublished() {
        Map<String, String> labels = Map.of("phase", "dsa", "specialty", PEDIATRICS);

        add(event(EventKind.PROGRESS, 5, "adaptation", labels, Map.of("step", 3., "steps", 30., "loss", 1.5)));

        assertThat(only().adaptation()).isEqualTo(new RunSnapshot.Adaptation(3, 30, 1.5));

        add(event(EventKind.PROGRESS, 6, "adaptation", labels, Map.of("step", 6., "steps", 30., "loss", Double.NaN)));

        assertThat(only().adaptation()).isEqualTo(new RunSnapshot.Adaptation(6, 30, null));

        add(update(0, 7, false));

        assertThat(only().adaptation()).isNull();
    }

    private RunSnapshot.Specialty only() {
        return state.at(10).specialties().get(0);
    }

    @Test
    void givenRunEventsWhenReadThenPhaseCasesStallsAndEndAreShown() {
        assertThat(state.at(0).phase()).isEqualTo("adaptation");
        add(event(EventKind.STARTED, 5, "started", Map.of("cases", "simulated")));
        add(event(EventKind.STALLED, 6, "reward waits", Map.of()));
        add(update(4, 7, true));
        assertThat(state.at(8).phase()).isEqualTo("merging");
        add(event(EventKind.PHASE, 8, "evaluating", Map.of("phase", "evaluation")));
        assertThat(state.at(9).phase()).isEqualTo("evaluation");
        add(PolicyUpdate.newBuilder(RunRecords.update(Topics.UNIFIED, 1, 1, 1))
                .setFigures(Map.of("accuracy", 0.7))
                .build());
        add(event(EventKind.FINISHED, 105, "done", Map.of()));

        RunSnapshot end = state.at(1_000_000);

        assertThat(end.phase()).isEqualTo("finished");
        assertThat(end.simulated()).isTrue();
        assertThat(end.finished()).isTrue();
        assertThat(end.elapsedMs()).isEqualTo(104);
        assertThat(end.unified())
                .isEqualTo(new RunSnapshot.Unified(1, Map.of("accuracy", 0.7), new GroupCounts().books()));
        assertThat(end.stalls()).extracting(RunSnapshot.Event::message).containsExactly("reward waits");
        assertThat(end.events())
                .extracting(RunSnapshot.Event::kind)
                .containsExactly("FINISHED", "PHASE", "STALLED", "STARTED");
    }

    @Test
    void givenASpecialtyThatTheRunDoesNotHaveThenItIsPassedOver() {
        add(RunRecords.prompt("x-1", "astrology"));

        assertThat(state.at(1).books().prompts()).isZero();
    }
}
