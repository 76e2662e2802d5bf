package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case.Finding;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Which grade of diabetic retinopathy a fundus shows: the International Clinical Diabetic Retinopathy scale (Wilkinson et
 * al., Ophthalmology 2003;110:1677), of its criteria for the severe grade only haemorrhages in all four quadrants.
 */
record BrainSenses() implements Department {
    private static final List<String> OPTIONS =
            List.of("no retinopathy", "mild", "moderate", "severe", "proliferative");

    static Assessment assess(Fundus fundus) {
        List<Finding> findings = fundus.findings();
        Assessment.Tally grade = new Assessment.Tally()
                .lift(findings.get(0), 1)
                .lift(findings.get(1), 2)
                .lift(findings.get(2), fundus.haemorrhages() == 4 ? 3 : 2)
                .lift(findings.get(3), 4);
        return grade.concludes(OPTIONS.get(grade.total()));
    }

    @Override
    public String specialty() {
        return "brain_senses";
    }

    @Override
    public String modality() {
        return "fundus photograph";
    }

    @Override
    public String question() {
        return "Which grade of retinopathy is this?";
    }

    @Override
    public String rule() {
        return "International Clinical Diabetic Retinopathy scale";
    }

    @Override
    public List<String> options() {
        return OPTIONS;
    }

    @Override
    public String usual() {
        return "no retinopathy";
    }

    @Override
    public Scene scene(Random random) {
        return Fundus.any(random);
    }

    @Override
    public Patient patient(Random random, double difficulty) {
        Fundus fundus = Fundus.any(random);
        return new Patient(fundus, Map.of(), assess(fundus));
    }
}
