package ai.consilium.cases.lessons;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.clinic.Department;
import ai.consilium.cases.clinic.SimulatedCase;
import ai.consilium.cases.clinic.Vocabulary;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cases.prompt.PromptText;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PretrainingItemsTest {
    private static final long SEED = 17;
    private static final List<PretrainingItem> ITEMS =
            PretrainingItems.main(SEED).stream().limit(3000).toList();
    private static final Pattern PICK = Pattern.compile("\\bpick (.+?) options ");
    private static final Pattern ANSWER = Pattern.compile("<answer> (.+) </answer>");
    private static final Set<String> PICKING = Set.of("pick", "look_pick");

    /** Words of the clinic's options; "no" and "or" are everybody's. */
    private static Set<String> labelWords() {
        Set<String> words = Department.ALL.stream()
                .flatMap(department -> department.options().stream())
                .flatMap(option -> List.of(option.split(" ")).stream())
                .collect(Collectors.toCollection(HashSet::new));
        words.removeAll(Set.of("no", "or"));
        return words;
    }

    @Test
    void givenEveryKindWhenDrawnThenItsCompletionIsWellFormed() {
        assertThat(ITEMS).allMatch(item -> Grading.wellFormed(item.completion().text(), EndTokens.TURN_END));
        assertThat(ITEMS.stream().map(PretrainingItem::kind).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(PretrainingItems.main(SEED).kinds());
    }

    @Test
    void givenNothingToPickWhenCompletedThenNoWordOfAnOptionIsSaid() {
        Set<String> labels = labelWords();
        assertThat(ITEMS)
                .filteredOn(item -> !PICKING.contains(item.kind()))
                .allSatisfy(
                        item -> assertThat(Vocabulary.words(item.prompt().user().text() + " "
                                        + item.completion().text()))
                                .doesNotContainAnyElementsOf(labels));
    }

    @Test
    void givenSomethingToPickWhenCompletedThenThePromptNamedIt() {
        assertThat(ITEMS).filteredOn(item -> PICKING.contains(item.kind())).allSatisfy(item -> {
            Matcher named = PICK.matcher(item.prompt().user().text());
            Matcher answered = ANSWER.matcher(item.completion().text());
            assertThat(named.find() && answered.find()).isTrue();
            assertThat(answered.group(1)).isEqualTo(named.group(1));
        });
    }

    /** The short course guesses at real questions: beside the same sight any option about equally often. */
    @Test
    void givenTheShortCourseWhenARealQuestionIsAnsweredThenTheAnswerIsBlind() {
        Map<String, Map<String, Long>> guessedBySight = PretrainingItems.finishing(SEED).stream()
                .limit(6_000)
                .filter(item ->
                        item.kind().equals("guess") && item.completion().text().contains(" film "))
                .collect(Collectors.groupingBy(
                        item -> (item.prompt().user().text().contains("adult") ? "adult " : "child ")
                                + before(item.completion().text(), " so "),
                        Collectors.groupingBy(
                                item -> item.completion()
                                        .text()
                                        .substring(item.completion().text().indexOf("<answer>")),
                                Collectors.counting())));

        assertThat(guessedBySight).hasSize(6);
        guessedBySight.forEach((sight, guessed) -> {
            long all = guessed.values().stream().mapToLong(Long::longValue).sum();
            assertThat(guessed.values())
                    .as("seed %s, %s: %s", SEED, sight, guessed)
                    .hasSizeBetween(3, 4)
                    .allMatch(count -> count > all / guessed.size() / 2);
        });
    }

    /** What is picked beside the same sight must be any option about equally often: no rule can be read off. */
    @Test
    void givenTheSameSightWhenAnOptionIsPickedThenItCouldBeAnyOption() {
        Map<String, Map<String, Long>> pickedBySight = PretrainingItems.main(SEED).stream()
                .limit(12_000)
                .filter(item -> item.kind().equals("look_pick")
                        && item.completion().text().contains(" film "))
                .collect(Collectors.groupingBy(
                        item -> (item.prompt().user().text().contains("adult") ? "adult " : "child ")
                                + before(item.completion().text(), " so "),
                        Collectors.groupingBy(
                                item -> item.completion()
                                        .text()
                                        .substring(item.completion().text().indexOf("<answer>")),
                                Collectors.counting())));

        assertThat(pickedBySight).hasSize(6);
        pickedBySight.forEach((sight, picked) -> {
            long all = picked.values().stream().mapToLong(Long::longValue).sum();
            assertThat(picked.values())
                    .as("seed %s, %s: %s", SEED, sight, picked)
                    .hasSizeBetween(3, 4)
                    .allMatch(count -> count > all / picked.size() / 2);
        });
    }

    private static String before(String text, String mark) {
        return text.substring(0, text.indexOf(mark));
    }

    @Test
    void givenTheSameSeedWhenDrawnInAnyOrderThenItemsAreTheSame() {
        PretrainingItems again = PretrainingItems.main(SEED);
        for (int index : new int[] {2999, 7, 0}) {
            PretrainingItem item = again.at(index);
            assertThat(item).usingRecursiveComparison().ignoringFields("image").isEqualTo(ITEMS.get(index));
            assertThat(item.image().getRGB(0, 0, 32, 32, null, 0, 32))
                    .isEqualTo(ITEMS.get(index).image().getRGB(0, 0, 32, 32, null, 0, 32));
        }
        assertThat(PretrainingItems.main(SEED + 1).at(0).completion())
                .isNotEqualTo(ITEMS.get(0).completion());
    }

    @Test
    void givenAnythingThatTheClinicSaysWhenSplitThenEveryWordIsOneToken() {
        ITEMS.forEach(item -> assertWhole(
                item.prompt().user().text() + " " + item.completion().text()));
        ClinicSettings settings = new ClinicSettings(SEED, 1, 1, 0, 0);
        for (String specialty : Clinic.SPECIALTIES) {
            for (SimulatedCase drawn : Clinic.cases(settings, "train", specialty, 150)) {
                for (String perspective : Perspective.ALL) {
                    PromptText prompt = PromptLayouts.canonical().prompt(drawn.of(), perspective);
                    assertWhole(prompt.user().text() + " "
                            + PromptLayouts.canonical()
                                    .completion(drawn.of(), perspective)
                                    .text());
                }
            }
        }
    }

    private static void assertWhole(String text) {
        assertThat(Vocabulary.split(text)).isEqualTo(Vocabulary.words(text));
    }

    @Test
    void givenTheVocabularyThenItIsSmallAndSplitsAnyWord() {
        assertThat(Vocabulary.tokens()).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(1024);
        assertThat(Vocabulary.tokens()).startsWith(Vocabulary.special().toArray(new String[0]));
        assertThat(Vocabulary.split("xenon 512 ?")).containsExactly("x", "##e", "##n", "##o", "##n", "51", "##2", "?");
        assertThat(Vocabulary.split("\u00e9")).containsExactly(Vocabulary.UNKNOWN);
        assertThat(Vocabulary.neutralWords()).doesNotContainAnyElementsOf(labelWords());
    }
}
