package ai.consilium.cases.clinic;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.AdultMedicine.Vitals;
import ai.consilium.cases.clinic.OncologySurgery.Report;
import ai.consilium.cases.clinic.Pediatrics.Child;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hand-worked examples of the published rules, at their borders. */
class RulesTest {
    @ParameterizedTest
    @CsvSource({
        "false, 7, 29, 90, 64, 0, home care",
        "false, 8, 29, 90, 64, 1, home care",
        "false, 7, 30, 90, 64, 1, home care",
        "false, 7, 29, 89, 64, 1, home care",
        "false, 7, 29, 90, 65, 1, home care",
        "true, 7, 29, 90, 64, 1, home care",
        "true, 8, 29, 90, 64, 2, ward",
        "true, 8, 30, 90, 64, 3, intensive care",
        "true, 8, 30, 89, 65, 5, intensive care",
    })
    void givenAnOpacityWhenAnAdultIsAssessedThenCurb65Places(
            boolean confusion, int urea, int breathing, int pressure, int age, int score, String answer) {
        Vitals vitals = new Vitals(confusion, urea, breathing, pressure, age);

        Assessment assessment = AdultMedicine.assess(new ChestFilm(true, false), vitals);

        assertThat(assessment.score()).isEqualTo(score);
        assertThat(assessment.answer()).isEqualTo(answer);
        assertThat(AdultMedicine.assess(new ChestFilm(true, true), vitals).answer())
                .isEqualTo(answer);
        assertThat(AdultMedicine.assess(new ChestFilm(false, false), vitals).answer())
                .isEqualTo("no pneumonia");
    }

    @ParameterizedTest
    @CsvSource({
        "11, 49, playful, false, cough or cold",
        "11, 50, playful, false, pneumonia",
        "12, 39, runny, false, cough or cold",
        "12, 40, runny, false, pneumonia",
        "2, 45, sneezing, true, pneumonia",
        "11, 49, convulsion, false, severe pneumonia",
        "30, 60, lethargic, true, severe pneumonia",
        "59, 24, vomiting, false, severe pneumonia",
    })
    void givenAChildWhenAssessedThenImciClassifies(
            int months, int breathing, String sign, boolean opacity, String answer) {
        Child child = new Child(months, breathing, sign);

        Assessment assessment = Pediatrics.assess(new ChestFilm(false, opacity), child);

        assertThat(assessment.answer()).isEqualTo(answer);
        assertThat(assessment.score()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, 0, false, no retinopathy, 0",
        "true, false, 0, false, mild, 1",
        "false, true, 0, false, moderate, 2",
        "true, false, 1, false, moderate, 2",
        "true, true, 9, false, moderate, 2",
        "false, false, 7, false, moderate, 2",
        "false, false, 15, false, severe, 3",
        "true, true, 15, true, proliferative, 4",
        "false, false, 0, true, proliferative, 4",
    })
    void givenAFundusWhenAssessedThenIcdrGrades(
            boolean microaneurysms, boolean exudates, int quadrants, boolean vessels, String answer, int grade) {
        Assessment assessment = BrainSenses.assess(new Fundus(microaneurysms, exudates, quadrants, vessels, true));

        assertThat(assessment.answer()).isEqualTo(answer);
        assertThat(assessment.score()).isEqualTo(grade);
    }

    @ParameterizedTest
    @CsvSource({
        // network, vessels, blotches, veil, streaks, dots, regression
        "false, false, false, false, false, false, false, 0, no action",
        "false, false, false, false, false, false, true, 1, monitor",
        "false, false, true, false, false, true, false, 2, monitor",
        "true, false, false, false, false, false, false, 2, monitor",
        "false, true, false, false, true, false, false, 3, excise",
        "false, false, true, false, true, true, false, 3, excise",
        "true, false, false, true, false, false, false, 4, excise",
        "true, true, true, true, true, true, true, 10, excise",
    })
    void givenALesionWhenAssessedThenTheSevenPointsDecide(
            boolean network,
            boolean vessels,
            boolean blotches,
            boolean veil,
            boolean streaks,
            boolean dots,
            boolean regression,
            int score,
            String answer) {
        Assessment assessment = OncologySurgery.assess(
                new Dermoscopy(veil, streaks, dots, regression, 0), new Report(network, vessels, blotches));

        assertThat(assessment.score()).isEqualTo(score);
        assertThat(assessment.answer()).isEqualTo(answer);
    }
}
