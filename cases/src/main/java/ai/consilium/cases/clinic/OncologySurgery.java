package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case.Finding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What to do with a pigmented lesion: the 7-point checklist with its revised threshold (Argenziano et al., Br J Dermatol
 * 2011;164:785). Major criteria (network, veil, vessels) give 2 points, minor ones 1. That a single point is monitored
 * rather than excised is this clinic's choice, so that three answers have room.
 */
record OncologySurgery() implements Department {
    private static final List<String> OPTIONS = List.of("no action", "monitor", "excise");

    /** What the dermatologist's report says of the features that the small image cannot show. */
    record Report(boolean atypicalNetwork, boolean atypicalVessels, boolean irregularBlotches) {
        Map<String, String> context() {
            Map<String, String> context = new LinkedHashMap<>();
            context.put("network", network().value());
            context.put("vessels", vessels().value());
            context.put("blotches", blotches().value());
            return context;
        }

        Finding network() {
            return Patient.told("network", atypicalNetwork ? "atypical" : "typical", atypicalNetwork);
        }

        Finding vessels() {
            return Patient.told("vessels", atypicalVessels ? "atypical" : "absent", atypicalVessels);
        }

        Finding blotches() {
            return Patient.told("blotches", irregularBlotches ? "irregular" : "absent", irregularBlotches);
        }
    }

    /** 0 points: no action; 1 or 2: monitor; 3 or more: excise. */
    static Assessment assess(Dermoscopy image, Report report) {
        List<Finding> seen = image.findings();
        Assessment.Tally points = new Assessment.Tally()
                .add(report.network(), 2)
                .add(seen.get(0), 2)
                .add(report.vessels(), 2)
                .add(seen.get(1), 1)
                .add(report.blotches(), 1)
                .add(seen.get(2), 1)
                .add(seen.get(3), 1);
        return points.concludes(OPTIONS.get(points.total() == 0 ? 0 : points.total() <= 2 ? 1 : 2));
    }

    @Override
    public String specialty() {
        return "oncology_surgery";
    }

    @Override
    public String modality() {
        return "dermoscopy";
    }

    @Override
    public String question() {
        return "What should be done with this lesion?";
    }

    @Override
    public String rule() {
        return "7-point checklist of dermoscopy";
    }

    @Override
    public List<String> options() {
        return OPTIONS;
    }

    @Override
    public String usual() {
        return "no action";
    }

    @Override
    public Scene scene(Random random) {
        return Dermoscopy.any(random);
    }

    @Override
    public Patient patient(Random random, double difficulty) {
        double share = random.nextDouble();
        Dermoscopy image = new Dermoscopy(
                random.nextDouble() < share,
                random.nextDouble() < share,
                random.nextDouble() < share,
                random.nextDouble() < share,
                random.nextInt(4));
        Report report =
                new Report(random.nextDouble() < share, random.nextDouble() < share, random.nextDouble() < share);
        return new Patient(image, report.context(), assess(image, report));
    }
}
