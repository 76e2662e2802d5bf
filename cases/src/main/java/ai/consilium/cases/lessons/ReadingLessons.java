package ai.consilium.cases.lessons;

import ai.consilium.cases.clinic.Department;
import ai.consilium.cases.clinic.Vocabulary;
import ai.consilium.cases.format.Case.Finding;
import ai.consilium.cases.lessons.SeeingLessons.Visit;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lessons in reading, comparing, counting and choosing by what the prompt itself says. */
final class ReadingLessons {
    private static final List<String> MEASURES =
            List.of("urea", "breathing", "pressure", "age", "months", "pulse", "weight", "height", "glucose", "sodium");

    private static final List<List<String>> PAIRS = List.of(
            List.of("yes", "no"),
            List.of("high", "normal"),
            List.of("low", "normal"),
            List.of("atypical", "typical"),
            List.of("atypical", "absent"),
            List.of("irregular", "absent"),
            List.of("danger", "harmless"),
            List.of("new", "normal"));

    /** A measured value and a limit that the prompt states. */
    private record Measured(String name, int value, int limit, boolean upper) {
        static Measured any(String name, Random random) {
            int value = random.nextInt(130);
            int limit = Math.max(1, Math.min(199, value + random.nextInt(41) - 20));
            return new Measured(name, value, limit, random.nextInt(4) > 0);
        }

        boolean beyond() {
            return upper ? value >= limit : value < limit;
        }

        String reading() {
            return beyond() ? upper ? "high" : "low" : "normal";
        }

        String told() {
            return name + " " + value + " ,";
        }

        String rule() {
            return name + (upper ? " high from " : " low below ") + limit;
        }
    }

    /** What a tally goes over. @param rule when it counts @param value as it is @param counts whether it does */
    private record Counted(String rule, String name, String value, boolean counts) {}

    static Lesson compare(Random random) {
        List<Measured> measured = measured(1 + random.nextInt(4), random);
        String request = join(measured.stream().map(Measured::told).toList()) + " "
                + String.join(" , ", measured.stream().map(Measured::rule).toList());
        String thought = join(measured.stream()
                .map(each -> each.name() + " " + each.reading())
                .toList());
        Measured last = measured.get(measured.size() - 1);
        return new Lesson(backdrop(random), request, thought, last.reading());
    }

    /** A running count in the shape of a trace, over values told and things seen, by limits and points in the prompt. */
    static Lesson tally(Random random) {
        Visit visit = Visit.any(random);
        List<Measured> measured = measured(1 + random.nextInt(3), random);
        List<Counted> items = new ArrayList<>();
        measured.forEach(each -> items.add(new Counted(each.rule(), each.name(), each.reading(), each.beyond())));
        items.addAll(seen(visit, random));
        Collections.shuffle(items, random);
        StringBuilder rules = new StringBuilder();
        StringBuilder thought = new StringBuilder();
        int total = 0;
        for (Counted item : items.subList(0, Math.min(5, items.size()))) {
            int points = random.nextInt(4) == 0 ? 2 : 1;
            total += item.counts() ? points : 0;
            rules.append(item.rule()).append(" counts ").append(points).append(" , ");
            thought.append(item.name())
                    .append(' ')
                    .append(item.value())
                    .append(' ')
                    .append(total)
                    .append(' ');
        }
        String request = visit.department().specialty().replace('_', ' ') + " "
                + join(measured.stream().map(Measured::told).toList()) + " " + rules + "score ?";
        return new Lesson(visit.image(), request, thought + "score " + total, Integer.toString(total));
    }

    /** Visual findings; which value counts is drawn apart from the image, so that the prompt does not give it away. */
    private static List<Counted> seen(Visit visit, Random random) {
        List<Finding> here = visit.scene().findings();
        List<Finding> elsewhere = visit.department().scene(random).findings();
        return IntStream.range(0, here.size())
                .mapToObj(at -> {
                    String name = here.get(at).name();
                    String value = here.get(at).value();
                    String counting = elsewhere.get(at).value();
                    return new Counted(name + " " + counting, name, value, value.equals(counting));
                })
                .toList();
    }

    static Lesson read(Random random) {
        Visit visit = Visit.any(random);
        List<Measured> measured = measured(3, random);
        Map<String, String> context = visit.context();
        List<String> names = new ArrayList<>(context.keySet());
        if (names.isEmpty() || random.nextBoolean()) {
            Measured asked = measured.get(random.nextInt(measured.size()));
            String request = join(measured.stream().map(Measured::told).toList()) + " read " + asked.name();
            return new Lesson(
                    visit.image(), request, asked.name() + " " + asked.value(), Integer.toString(asked.value()));
        }
        String name = names.get(random.nextInt(names.size()));
        String value = Objects.requireNonNull(context.get(name));
        return new Lesson(visit.image(), visit.opening() + " read " + name, name + " " + value, value);
    }

    static Lesson count(Random random) {
        List<String> pair = PAIRS.get(random.nextInt(PAIRS.size()));
        int points = 1 + random.nextInt(2);
        int total = 0;
        List<String> words = new ArrayList<>();
        List<String> counted = new ArrayList<>();
        for (int at = 3 + random.nextInt(5); at > 0; at--) {
            String word = pair.get(random.nextInt(2));
            total += word.equals(pair.get(0)) ? points : 0;
            words.add(word);
            counted.add(word + " " + total);
        }
        String request = join(words) + " , " + pair.get(0) + " counts " + points + " score ?";
        return new Lesson(backdrop(random), request, join(counted) + " score " + total, Integer.toString(total));
    }

    static Lesson pick(Random random) {
        List<String> options = new ArrayList<>(
                Department.ALL.get(random.nextInt(Department.ALL.size())).options());
        if (random.nextBoolean()) {
            options = new ArrayList<>(words(2 + random.nextInt(4), random));
        }
        Collections.shuffle(options, random);
        String picked = options.get(random.nextInt(options.size()));
        return new Lesson(backdrop(random), "pick " + picked + " options " + listed(options), "pick " + picked, picked);
    }

    static Lesson repeat(Random random) {
        List<String> words = words(1 + random.nextInt(12), random);
        return new Lesson(backdrop(random), "repeat " + join(words), join(words), words.get(words.size() - 1));
    }

    /** Options as a prompt lists them. */
    static String listed(List<String> options) {
        return IntStream.range(0, options.size())
                .mapToObj(at -> Character.toString('a' + at) + " " + options.get(at))
                .collect(Collectors.joining(" "));
    }

    private static List<Measured> measured(int count, Random random) {
        List<String> names = new ArrayList<>(MEASURES);
        Collections.shuffle(names, random);
        return names.subList(0, count).stream()
                .map(name -> Measured.any(name, random))
                .toList();
    }

    /** Different words, none of which belongs to an option of the clinic. */
    private static List<String> words(int count, Random random) {
        List<String> neutral = Vocabulary.neutralWords();
        Set<String> words = new LinkedHashSet<>();
        while (words.size() < count) {
            words.add(neutral.get(random.nextInt(neutral.size())));
        }
        return List.copyOf(words);
    }

    private static BufferedImage backdrop(Random random) {
        return GridLessons.anyImage(random);
    }

    private static String join(List<String> words) {
        return String.join(" ", words);
    }

    private ReadingLessons() {}
}
