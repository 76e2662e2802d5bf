package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompts of a run that gets a specialty more with its second round. */
@SuppressWarnings("NullAway.Init") // JUnit and the set-up fill the fields
class PromptPlanTest {
    private static final PolicyTable POLICIES = PolicyTable.of(List.of("pediatrics", "oncology_surgery"))
            .append("brain_senses", 1)
            .append("adult_medicine", 2);

    @TempDir
    private static Path data;

    private static CaseFile all;

    @BeforeAll
    static void makeCases() {
        Clinic.write(data, new ClinicSettings(3, .3, 5, 0, 0));
        all = CaseFile.read(data.resolve("train.jsonl"));
    }

    private static PromptPlan plan(CaseFile cases) {
        PromptStamp stamp = new PromptStamp(SchedulerConfigs.scheduler(3, 1, 6), "scoring");
        return new PromptPlan(stamp, ConsolidationPlan.NONE, cases, POLICIES);
    }

    private static List<Prompt> lessons(PromptPlan plan, int from, int until, int round) {
        List<Prompt> lessons = new ArrayList<>();
        for (int n = from; n < until; n++) {
            lessons.add(plan.prompt(Topics.UNIFIED, n, 1, round, 1));
        }
        return lessons;
    }

    private static List<String> places(List<Prompt> prompts) {
        return prompts.stream()
                .map(prompt -> prompt.getSpecialty() + " " + prompt.getCasePosition())
                .toList();
    }

    @Test
    void givenASpecialtyComesWithARoundThenTheUnifiedAgentsTurnsHaveItAndNoPlaceIsSkippedOrDrawnTwice() {
        PromptPlan plan = plan(all);

        assertThat(places(lessons(plan, 0, 4, 0)))
                .containsExactly("pediatrics 0", "oncology_surgery 0", "pediatrics 1", "oncology_surgery 1");
        assertThat(places(lessons(plan, 4, 9, 1)))
                .containsExactly(
                        "oncology_surgery 2", "brain_senses 0", "pediatrics 2", "oncology_surgery 3", "brain_senses 1");
    }

    @Test
    void givenARestartInTheMiddleOfTheRoundThenItGoesOnWhateverTheOrderOfTheLogAndWhateverEarlyRecordsCarry() {
        PromptPlan plan = plan(all);
        List<Prompt> early = lessons(plan, 0, 4, 0);
        List<Prompt> later = lessons(plan, 4, 7, 1);

        PromptPlan restarted = plan(all);
        later.forEach(restarted::written);
        early.forEach(prompt ->
                restarted.written(Prompt.newBuilder(prompt).setCasePosition(-1).build()));

        assertThat(lessons(restarted, 7, 12, 1)).isEqualTo(lessons(plan, 7, 12, 1));
    }

    @Test
    void givenCasesThatComeByItsRoundThenTheyAreDrawnOnAndWithoutThemTheRoundIsRefused() {
        List<String> first = List.of("pediatrics", "oncology_surgery");
        CaseFile without = new CaseFile(
                all.path(),
                "sha of what there was",
                all.cases().stream()
                        .filter(of -> first.contains(of.specialty()))
                        .toList());
        PromptPlan plan = plan(without);

        assertThatThrownBy(() -> plan.requireCases(1))
                .isInstanceOf(UsageException.class)
                .hasMessageEndingWith("train.jsonl has no case of specialty brain_senses");
        plan.from(1, all);
        plan.requireCases(1);

        assertThat(plan.joining(1)).containsExactly("brain_senses");
        Prompt drawn = plan.prompt("brain_senses", 0, 7, 1, 1);
        assertThat(drawn.getCaseRef().getId()).contains("brain_senses");
        assertThat(drawn.getCaseRef().getFileSha256()).isEqualTo(all.sha256());
    }
}
