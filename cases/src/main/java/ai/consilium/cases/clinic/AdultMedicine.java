package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case.Finding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Where to treat an adult: an opacity on the film is pneumonia, and CURB-65 (Lim et al., Thorax 2003;58:377) then places
 * the patient. The diastolic half of its pressure criterion is left out.
 */
record AdultMedicine() implements Department {
    private static final List<String> OPTIONS = List.of("no pneumonia", "home care", "ward", "intensive care");

    /** Urea in mmol/l, breathing a minute, systolic pressure in mmHg, age in years. */
    record Vitals(boolean confusion, int urea, int breathing, int pressure, int age) {
        Map<String, String> context() {
            Map<String, String> context = new LinkedHashMap<>();
            context.put("urea", Integer.toString(urea));
            context.put("breathing", Integer.toString(breathing));
            context.put("pressure", Integer.toString(pressure));
            context.put("confusion", confusion ? "yes" : "no");
            context.put("age", Integer.toString(age));
            return context;
        }
    }

    static Assessment assess(ChestFilm film, Vitals vitals) {
        Finding pressure = Patient.told("pressure", vitals.pressure() < 90 ? "low" : "normal", vitals.pressure() < 90);
        Finding confusion = Patient.told("confusion", vitals.confusion() ? "yes" : "no", vitals.confusion());
        Assessment.Tally curb = new Assessment.Tally()
                .note(film.findings().get(0))
                .add(Patient.high("urea", vitals.urea() > 7), 1)
                .add(Patient.high("breathing", vitals.breathing() >= 30), 1)
                .add(pressure, 1)
                .add(confusion, 1)
                .add(Patient.high("age", vitals.age() >= 65), 1);
        return curb.concludes(OPTIONS.get(film.opacity() ? Math.max(1, Math.min(3, curb.total())) : 0));
    }

    @Override
    public String specialty() {
        return "adult_medicine";
    }

    @Override
    public String modality() {
        return "chest x-ray";
    }

    @Override
    public String question() {
        return "Where should this patient be treated?";
    }

    @Override
    public String rule() {
        return "CURB-65 (without diastolic pressure) where the film shows an opacity";
    }

    @Override
    public List<String> options() {
        return OPTIONS;
    }

    @Override
    public String usual() {
        return "home care";
    }

    @Override
    public Scene scene(Random random) {
        return ChestFilm.any(random);
    }

    @Override
    public Patient patient(Random random, double difficulty) {
        ChestFilm film = ChestFilm.any(random);
        Vitals vitals = new Vitals(
                random.nextBoolean(),
                Patient.around(random, 2, 8, 14, difficulty),
                Patient.around(random, 14, 30, 44, difficulty),
                Patient.around(random, 70, 90, 120, difficulty),
                Patient.around(random, 35, 65, 94, difficulty));
        return new Patient(film, vitals.context(), assess(film, vitals));
    }
}
