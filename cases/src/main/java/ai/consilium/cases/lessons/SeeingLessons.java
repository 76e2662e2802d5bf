package ai.consilium.cases.lessons;

import ai.consilium.cases.clinic.Department;
import ai.consilium.cases.clinic.Scene;
import ai.consilium.cases.clinic.Scene.Detail;
import ai.consilium.cases.format.Case.Finding;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/** Lessons in saying what a clinic image shows. The text of a patient stands beside it but was drawn apart from it. */
final class SeeingLessons {
    private static final List<String> LOOK =
            List.of("describe the image", "what does the image show ?", "list the visual findings");

    /** An image with a text that belongs to another patient of the same department. */
    record Visit(Department department, Scene scene, Map<String, String> context, BufferedImage image) {
        static Visit any(Random random) {
            return of(Department.ALL.get(random.nextInt(Department.ALL.size())), random);
        }

        static Visit of(Department department, Random random) {
            double difficulty = 0.6 * random.nextDouble();
            Scene scene = department.scene(random);
            Map<String, String> context = department.patient(random, difficulty).context();
            return new Visit(department, scene, context, scene.render(random, difficulty));
        }

        /** As a prompt opens: specialty and context. */
        String opening() {
            String told = context.entrySet().stream()
                    .map(entry -> " " + entry.getKey() + " " + entry.getValue() + " ,")
                    .collect(Collectors.joining());
            return department.specialty().replace('_', ' ') + told;
        }

        String seen() {
            return scene.findings().stream().map(SeeingLessons::words).collect(Collectors.joining(" "));
        }

        /** All that is seen and told, by name. A text never repeats a name of the image. */
        Map<String, String> known() {
            Map<String, String> known = new LinkedHashMap<>(context);
            scene.findings().forEach(finding -> known.put(finding.name(), finding.value()));
            return known;
        }
    }

    static Lesson look(Random random) {
        Visit visit = Visit.any(random);
        String request = visit.opening() + " " + LOOK.get(random.nextInt(LOOK.size()));
        return Lesson.done(visit.image(), request, visit.seen());
    }

    /** In the shape of a real prompt and trace, but the option to pick is named and was drawn blindly. */
    static Lesson lookAndPick(Random random) {
        Visit visit = Visit.any(random);
        List<String> options = new ArrayList<>(visit.department().options());
        Collections.shuffle(options, random);
        String picked = options.get(random.nextInt(options.size()));
        String request = visit.opening() + " describe the image and pick " + picked + " options "
                + ReadingLessons.listed(options);
        return new Lesson(visit.image(), request, visit.seen() + " so " + picked, picked);
    }

    /** A real question, answered with an option that was drawn blindly: the form of an answer, and nothing of its content. */
    static Lesson guess(Random random) {
        Visit visit = Visit.any(random);
        List<String> options = new ArrayList<>(visit.department().options());
        Collections.shuffle(options, random);
        String guessed = options.get(random.nextInt(options.size()));
        String request =
                visit.opening() + " " + visit.department().question() + " options " + ReadingLessons.listed(options);
        return new Lesson(visit.image(), request, visit.seen() + " so " + guessed, guessed);
    }

    /** One question about one finding or place. */
    static Lesson detail(Random random) {
        Visit visit = Visit.any(random);
        List<Detail> details = new ArrayList<>(visit.scene().details());
        for (Finding finding : visit.scene().findings()) {
            details.add(new Detail("what is " + finding.name() + " ?", finding.value()));
        }
        Detail asked = details.get(random.nextInt(details.size()));
        String request = visit.department().specialty().replace('_', ' ') + " " + asked.question();
        return new Lesson(visit.image(), request, asked.answer(), asked.answer());
    }

    /** Named findings in the order asked for, whether they stand in the image or in the text. */
    static Lesson list(Random random) {
        Visit visit = Visit.any(random);
        List<String> names = new ArrayList<>(visit.known().keySet());
        Collections.shuffle(names, random);
        List<String> asked = names.subList(0, Math.min(names.size(), 2 + random.nextInt(5)));
        String thought =
                asked.stream().map(name -> name + " " + visit.known().get(name)).collect(Collectors.joining(" "));
        return Lesson.done(visit.image(), visit.opening() + " list " + String.join(" ", asked), thought);
    }

    private static String words(Finding finding) {
        return finding.name() + " " + finding.value();
    }

    private SeeingLessons() {}
}
