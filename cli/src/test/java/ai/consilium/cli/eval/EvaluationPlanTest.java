package ai.consilium.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cli.eval.EvaluationPlan.Batch;
import ai.consilium.cli.eval.EvaluationPlan.Row;
import ai.consilium.platform.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class EvaluationPlanTest {
    @TempDir
    Path directory;

    private EvaluationCases cases;

    @BeforeEach
    void make() {
        cases = EvaluatedCases.of(directory, "eye", "skin", "eye");
    }

    @Test
    void givenAdaptersThenEachAnswersEveryCase() {
        EvaluationPlan plan = EvaluationPlan.of(List.of("base", "mine"), cases, false, List.of(Perspective.NONE), 1);

        assertThat(plan.rows())
                .containsExactly(
                        new Row("base", "base", Perspective.NONE, Map.of("eye", "base", "skin", "base")),
                        new Row("mine", "mine", Perspective.NONE, Map.of("eye", "mine", "skin", "mine")));
        assertThat(plan.batches())
                .extracting(Batch::adapter, EvaluationPlanTest::ids)
                .containsExactly(
                        tuple("base", List.of("c0", "c2")),
                        tuple("base", List.of("c1")),
                        tuple("mine", List.of("c0", "c2")),
                        tuple("mine", List.of("c1")));
    }

    @Test
    void givenExpertsWhenRoutedThenEachAnswersItsOwnSpecialtyInOneRow() {
        EvaluationPlan plan =
                EvaluationPlan.of(List.of("unified", "rl/skin", "rl/eye"), cases, true, List.of(Perspective.NONE), 1);

        assertThat(plan.rows())
                .containsExactly(
                        new Row("unified", "unified", Perspective.NONE, Map.of("eye", "unified", "skin", "unified")),
                        new Row("rl", "rl", Perspective.NONE, Map.of("eye", "rl/eye", "skin", "rl/skin")));
        assertThat(plan.batches())
                .filteredOn(batch -> !batch.adapter().equals("unified"))
                .extracting(Batch::adapter, EvaluationPlanTest::ids)
                .containsExactly(tuple("rl/eye", List.of("c0", "c2")), tuple("rl/skin", List.of("c1")));
    }

    @Test
    void givenPerspectivesThenEachPolicyIsAskedUnderEachOfThemInARowOfItsOwn() {
        EvaluationPlan plan = EvaluationPlan.of(
                List.of("rl/skin", "rl/eye"), cases, true, List.of(Perspective.NONE, Perspective.ANALYTICAL), 1);

        assertThat(plan.rows())
                .extracting(Row::name, Row::policy, Row::perspective)
                .containsExactly(
                        tuple("rl@none", "rl", Perspective.NONE), tuple("rl@analytical", "rl", Perspective.ANALYTICAL));
        assertThat(plan.batches())
                .extracting(Batch::perspective, Batch::adapter)
                .containsExactly(
                        tuple("none", "rl/eye"),
                        tuple("none", "rl/skin"),
                        tuple("analytical", "rl/eye"),
                        tuple("analytical", "rl/skin"));
    }

    @Test
    void givenExpertsThatDoNotFitTheCasesWhenRoutedThenTheyAreRefusedByName() {
        refused(
                () -> EvaluationPlan.of(List.of("rl/eye"), cases, true, List.of(Perspective.NONE), 1),
                "--routed: row rl has no adapter rl/skin, but there are cases of that specialty");
        refused(
                () -> EvaluationPlan.of(List.of("rl/eye", "rl/heart"), cases, true, List.of(Perspective.NONE), 1),
                "--routed: rl/heart: no case of specialty heart; the cases have eye, skin");
        refused(
                () -> EvaluationPlan.of(List.of("base"), cases, true, List.of(Perspective.NONE), 1),
                "--routed: no adapter is named ROW/SPECIALTY, for example rl/eye");
        refused(
                () -> EvaluationPlan.of(List.of("rl", "rl/eye", "rl/skin"), cases, true, List.of(Perspective.NONE), 1),
                "--routed: row rl is an adapter for all cases and one of experts");
    }

    private static void refused(ThrowingCallable plan, String message) {
        assertThatThrownBy(plan).isInstanceOf(UsageException.class).hasMessage(message);
    }

    private static List<String> ids(Batch batch) {
        return batch.cases().stream().map(Case::id).toList();
    }
}
