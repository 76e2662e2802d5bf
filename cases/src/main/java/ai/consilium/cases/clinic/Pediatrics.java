package ai.consilium.cases.clinic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How to classify a child with cough: WHO's Integrated Management of Childhood Illness (chart booklet, 2014), with the
 * film's opacity counted like fast breathing.
 */
record Pediatrics() implements Department {
    private static final List<String> OPTIONS = List.of("cough or cold", "pneumonia", "severe pneumonia");
    private static final List<String> DANGER = List.of("convulsion", "lethargic", "vomiting");
    private static final List<String> HARMLESS = List.of("playful", "sneezing", "runny");

    /** Age in months (2 to 59), breathing a minute, and one sign. */
    record Child(int months, int breathing, String sign) {
        boolean infant() {
            return months < 12;
        }

        boolean fastBreathing() {
            return breathing >= fastFrom(infant());
        }

        boolean danger() {
            return DANGER.contains(sign);
        }

        Map<String, String> context() {
            Map<String, String> context = new LinkedHashMap<>();
            context.put("months", Integer.toString(months));
            context.put("breathing", Integer.toString(breathing));
            context.put("sign", sign);
            return context;
        }
    }

    private static int fastFrom(boolean infant) {
        return infant ? 50 : 40;
    }

    static Assessment assess(ChestFilm film, Child child) {
        int severity = child.danger() ? 2 : film.opacity() || child.fastBreathing() ? 1 : 0;
        return new Assessment.Tally()
                .note(film.findings().get(0))
                .note(Patient.told("age", child.infant() ? "infant" : "child", false))
                .note(Patient.high("breathing", child.fastBreathing()))
                .note(Patient.told("sign", child.danger() ? "danger" : "harmless", child.danger()))
                .concludes(OPTIONS.get(severity));
    }

    @Override
    public String specialty() {
        return "pediatrics";
    }

    @Override
    public String modality() {
        return "chest x-ray";
    }

    @Override
    public String question() {
        return "How should this child be classified?";
    }

    @Override
    public String rule() {
        return "WHO IMCI, cough or difficult breathing";
    }

    @Override
    public List<String> options() {
        return OPTIONS;
    }

    @Override
    public String usual() {
        return "cough or cold";
    }

    @Override
    public Scene scene(Random random) {
        return ChestFilm.any(random);
    }

    @Override
    public Patient patient(Random random, double difficulty) {
        ChestFilm film = random.nextBoolean() ? new ChestFilm(false, false) : ChestFilm.any(random);
        boolean infant = random.nextBoolean();
        int months = infant ? 2 + random.nextInt(10) : 12 + random.nextInt(48);
        int breathing = Patient.around(random, 24, fastFrom(infant), 66, difficulty);
        List<String> signs = random.nextBoolean() ? DANGER : HARMLESS;
        Child child = new Child(months, breathing, signs.get(random.nextInt(signs.size())));
        return new Patient(film, child.context(), assess(film, child));
    }
}
