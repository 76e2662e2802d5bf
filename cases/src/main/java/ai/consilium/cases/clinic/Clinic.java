package ai.consilium.cases.clinic;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Case.Evidence;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.random.RandomStreams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/**
 * The simulated clinic. Latent findings drive image, text and label by published rules (docs/CASES.md). Labels are
 * balanced within a specialty; every case has random streams of its own, named by split, so splits share no draw.
 */
public final class Clinic {
    /** What every simulated case gives as its source. */
    public static final String SOURCE = "Consilium simulated clinic";

    /** Specialties, in order. */
    public static final List<String> SPECIALTIES =
            Department.ALL.stream().map(Department::specialty).toList();

    /** Writes train.jsonl, val.jsonl, test.jsonl and images/*.png; each file appears once it is whole. */
    public static void write(Path directory, ClinicSettings settings) {
        write(directory, "train", settings, settings.trainPerSpecialty());
        write(directory, "val", settings, settings.valPerSpecialty());
        write(directory, "test", settings, settings.testPerSpecialty());
    }

    private static void write(Path directory, String split, ClinicSettings settings, int perSpecialty) {
        List<Case> cases = new ArrayList<>();
        try {
            Files.createDirectories(directory.resolve("images"));
            for (int index = 0; index < perSpecialty; index++) {
                for (Department department : Department.ALL) {
                    SimulatedCase drawn = draw(department, settings, split, index);
                    Path file = directory.resolve(drawn.of().images().get(0));
                    if (!ImageIO.write(drawn.image(), "png", file.toFile())) {
                        throw new IllegalStateException("this Java has no PNG writer");
                    }
                    cases.add(drawn.of());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CaseFile.write(directory.resolve(split + ".jsonl"), cases);
    }

    /** Cases of one specialty and split, from the first. @param split any name; train, val and test are the written ones */
    public static List<SimulatedCase> cases(ClinicSettings settings, String split, String specialty, int count) {
        Department department = Department.ALL.stream()
                .filter(each -> each.specialty().equals(specialty))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "specialty: '" + specialty + "' is not one of " + String.join(", ", SPECIALTIES)));
        List<SimulatedCase> cases = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            cases.add(draw(department, settings, split, index));
        }
        return cases;
    }

    private static SimulatedCase draw(Department department, ClinicSettings settings, String split, int index) {
        String stream = split + "/" + department.specialty() + "/" + index;
        Random random = RandomStreams.of(settings.seed(), stream);
        List<String> options = department.options();
        String label = options.get(index % options.size());
        Patient patient = department.patient(random, settings.difficulty());
        // Every label has some per cent of the patients, so this ends soon.
        while (!patient.assessment().answer().equals(label)) {
            patient = department.patient(random, settings.difficulty());
        }
        List<String> candidates =
                candidates(department.options(), patient.assessment().answer());
        // Sentences have a stream of their own, so that a style changes nothing else of a case.
        Map<String, String> traces = switch (settings.traces()) {
            case WORDS -> TraceText.of(patient.assessment(), candidates, department.usual());
            case SENTENCES ->
                TraceSentences.of(
                        department, patient, candidates, RandomStreams.of(settings.seed(), stream + "/wording"));
        };
        String id = String.format(Locale.ROOT, "sim-%s-%s-%05d", split, department.specialty(), index);
        return new SimulatedCase(
                describe(id, department, patient, candidates, traces, random),
                patient.scene().render(random, settings.difficulty()));
    }

    private static Case describe(
            String id,
            Department department,
            Patient patient,
            List<String> candidates,
            Map<String, String> traces,
            Random random) {
        List<String> shuffled = new ArrayList<>(department.options());
        Collections.shuffle(shuffled, random);
        SortedMap<String, String> options = new TreeMap<>();
        for (String option : shuffled) {
            options.put(Character.toString('A' + options.size()), option);
        }
        Assessment assessment = patient.assessment();
        Integer score = assessment.score();
        return new Case(
                id,
                department.specialty(),
                department.modality(),
                List.of("images/" + id + ".png"),
                department.question(),
                options,
                Character.toString('A' + shuffled.indexOf(assessment.answer())),
                patient.context(),
                new Evidence(
                        assessment.findings(), department.rule(), score == null ? null : score.toString(), candidates),
                traces,
                SOURCE);
    }

    /** The answer and the next graver option (for the gravest, the one before), mildest first. */
    private static List<String> candidates(List<String> options, String answer) {
        int first = Math.min(options.indexOf(answer), options.size() - 2);
        return options.subList(first, first + 2);
    }

    private Clinic() {}
}
