package ai.consilium.cases.clinic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cases.prompt.PromptText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClinicTest {
    private static final ClinicSettings SETTINGS = new ClinicSettings(11, 0.3, 40, 20, 20);

    static List<String> specialties() {
        return Clinic.SPECIALTIES;
    }

    private static int[] pixels(SimulatedCase drawn) {
        return drawn.image().getRGB(0, 0, Canvas.SIDE, Canvas.SIDE, null, 0, Canvas.SIDE);
    }

    @ParameterizedTest
    @MethodSource("specialties")
    void givenCasesWhenDrawnThenLabelsAreBalancedAndLettersAreShuffled(String specialty) {
        List<Case> cases = Clinic.cases(SETTINGS, "train", specialty, 300).stream()
                .map(SimulatedCase::of)
                .toList();

        Map<String, Long> answers = cases.stream().collect(Collectors.groupingBy(Case::answer, Collectors.counting()));
        assertThat(answers.values()).containsOnly(300L / answers.size());
        Map<String, Long> letters = cases.stream().collect(Collectors.groupingBy(Case::label, Collectors.counting()));
        assertThat(letters).hasSameSizeAs(answers);
        assertThat(letters.values()).allMatch(count -> count > 200L / answers.size());
    }

    @ParameterizedTest
    @MethodSource("specialties")
    void givenEveryTraceWhenReadThenItConcludesTheLabelInAtMostFortyTokens(String specialty) {
        for (SimulatedCase drawn : Clinic.cases(SETTINGS, "train", specialty, 200)) {
            Case of = drawn.of();
            assertThat(of.traces().keySet()).containsExactlyElementsOf(Perspective.ALL);
            for (String perspective : Perspective.ALL) {
                String completion =
                        PromptLayouts.canonical().completion(of, perspective).text();
                assertThat(of.traces().get(perspective)).matches(".* (so|favours|after that) " + of.answer());
                assertThat(Grading.wellFormed(completion, EndTokens.TURN_END))
                        .as(completion)
                        .isTrue();
                assertThat(Grading.correct(of, completion, Grading.Mode.STRICT))
                        .as(completion)
                        .isTrue();
                assertThat(completion.split(" ")).as(completion).hasSizeLessThanOrEqualTo(40);
                PromptText prompt = PromptLayouts.canonical().prompt(of, perspective);
                assertThat(prompt.user().text().split(" ")).hasSizeLessThanOrEqualTo(56);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("specialties")
    void givenEvidenceWhenComparedWithTheStepwiseTraceThenEveryFindingStandsInIt(String specialty) {
        for (SimulatedCase drawn : Clinic.cases(SETTINGS, "val", specialty, 50)) {
            Case.Evidence evidence = Objects.requireNonNull(drawn.of().evidence());
            String trace = " " + drawn.of().traces().get(Perspective.ANALYTICAL) + " ";
            assertThat(evidence.findings())
                    .allMatch(finding -> trace.contains(" " + finding.name() + " " + finding.value() + " "));
            assertThat(evidence.score() == null || trace.contains(" score " + evidence.score() + " "))
                    .isTrue();
            assertThat(evidence.candidates()).hasSize(2).contains(drawn.of().answer());
            assertThat(evidence.findings()).extracting(Case.Finding::from).contains("image");
        }
    }

    @Test
    void givenSplitsWhenDrawnThenTheyShareNeitherIdNorImage() {
        Set<List<Integer>> images = new HashSet<>();
        Set<String> ids = new HashSet<>();
        List<SimulatedCase> all = new ArrayList<>();
        for (String split : List.of("train", "val", "test")) {
            Clinic.SPECIALTIES.forEach(specialty -> all.addAll(Clinic.cases(SETTINGS, split, specialty, 60)));
        }
        all.forEach(drawn -> {
            ids.add(drawn.of().id());
            images.add(Arrays.stream(pixels(drawn)).boxed().toList());
        });

        assertThat(ids).hasSameSizeAs(all);
        assertThat(images).hasSameSizeAs(all);
    }

    @Test
    void givenTheSameSeedWhenWrittenTwiceThenEveryByteIsTheSameAndAnotherSeedDiffers(@TempDir Path directory)
            throws IOException {
        ClinicSettings small = new ClinicSettings(5, 0.3, 3, 2, 2);
        Clinic.write(directory.resolve("one"), small);
        Clinic.write(directory.resolve("two"), small);
        Clinic.write(directory.resolve("other"), new ClinicSettings(6, 0.3, 3, 2, 2));

        Map<String, String> one = bytes(directory.resolve("one"));
        assertThat(one).hasSize(3 + 4 * 7).isEqualTo(bytes(directory.resolve("two")));
        assertThat(one.get("train.jsonl"))
                .isNotEqualTo(bytes(directory.resolve("other")).get("train.jsonl"));
    }

    @Test
    void givenTheDefaultStyleWhenWrittenThenTheCasesAreThoseOfEarlierVersions(@TempDir Path directory)
            throws IOException {
        Clinic.write(directory, new ClinicSettings(1, 0.3, 5, 1, 1));

        assertThat(DigestUtils.sha256Hex(Files.readAllBytes(directory.resolve("train.jsonl"))))
                .isEqualTo("55f1b319e8777d6213c22e04c19b847c2d1baf21acdabe90992f0b6a59f6cbfb");
        assertThat(DigestUtils.sha256Hex(Files.readAllBytes(directory.resolve("val.jsonl"))))
                .isEqualTo("88d0c9db7dc6f20d1f6039d5265c48b973f42a9460152d29c70bce7ca79e3477");
        assertThat(DigestUtils.sha256Hex(Files.readAllBytes(directory.resolve("test.jsonl"))))
                .isEqualTo("b3508a9018a6c334737b757e4cdafa553825a24e4ae18727b4810319af92711e");
    }

    @ParameterizedTest
    @MethodSource("specialties")
    void givenSentencesWhenDrawnThenOnlyTheTracesDifferAndEachIsRight(String specialty) {
        ClinicSettings sentences = new ClinicSettings(11, 0.3, TraceStyle.SENTENCES, 40, 20, 20);
        List<SimulatedCase> words = Clinic.cases(SETTINGS, "train", specialty, 100);
        List<SimulatedCase> told = Clinic.cases(sentences, "train", specialty, 100);
        Set<String> openings = new HashSet<>();
        for (int index = 0; index < told.size(); index++) {
            Case of = told.get(index).of();

            assertThat(of)
                    .usingRecursiveComparison()
                    .ignoringFields("traces")
                    .isEqualTo(words.get(index).of());
            assertThat(pixels(told.get(index))).isEqualTo(pixels(words.get(index)));
            assertThat(of.traces().keySet()).containsExactlyElementsOf(Perspective.ALL);
            for (String perspective : Perspective.ALL) {
                String completion =
                        PromptLayouts.clinical().completion(of, perspective).text();
                assertThat(of.traces().get(perspective))
                        .matches("[A-Z][^{}]*\\.")
                        .doesNotContain("  ", " ,", "..");
                assertThat(Grading.wellFormed(completion, EndTokens.TURN_END))
                        .as(completion)
                        .isTrue();
                assertThat(Grading.correct(of, completion, Grading.Mode.STRICT))
                        .as(completion)
                        .isTrue();
                openings.add(
                        Objects.requireNonNull(of.traces().get(perspective)).split("\\.", 2)[0]);
            }
        }
        assertThat(openings).as("wording").hasSizeGreaterThan(8);
        assertThat(Clinic.cases(sentences, "train", specialty, 5))
                .first()
                .satisfies(again -> assertThat(again.of()).isEqualTo(told.get(0).of()));
    }

    private static Map<String, String> bytes(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .collect(Collectors.toMap(file -> root.relativize(file).toString(), ClinicTest::content));
        }
    }

    private static String content(Path file) {
        try {
            return Arrays.toString(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void givenWrittenCasesWhenReadThenTheyAreTheOnesDrawn(@TempDir Path directory) {
        Clinic.write(directory, SETTINGS);

        CaseFile val = CaseFile.read(directory.resolve("val.jsonl"));

        assertThat(val.cases()).hasSize(80).allMatch(each -> each.source().equals(Clinic.SOURCE));
        assertThat(val.cases()).allMatch(each -> each.id().startsWith("sim-val-"));
        Map<String, Case> read = val.cases().stream().collect(Collectors.toMap(Case::id, Function.identity()));
        for (String specialty : Clinic.SPECIALTIES) {
            assertThat(Clinic.cases(SETTINGS, "val", specialty, 20))
                    .allSatisfy(drawn -> assertThat(read.get(drawn.of().id())).isEqualTo(drawn.of()));
        }
    }

    @Test
    void givenHigherDifficultyWhenDrawnThenNumbersComeToTheBorder() {
        long easy = borderline(0);
        long hard = borderline(1);

        assertThat(easy).isZero();
        assertThat(hard).isGreaterThan(50);
    }

    private static long borderline(double difficulty) {
        return Clinic.cases(new ClinicSettings(3, difficulty, 1, 0, 0), "train", "adult_medicine", 400).stream()
                .map(drawn -> Integer.parseInt(drawn.of().context().get("breathing")))
                .filter(breathing -> breathing >= 28 && breathing <= 31)
                .count();
    }

    @Test
    void givenSettingsOutOfRangeWhenMadeThenTheKeyIsNamed() {
        assertThatThrownBy(() -> new ClinicSettings(1, 1.5, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("difficulty: must be from 0 to 1, is 1.5");
        assertThatThrownBy(() -> new ClinicSettings(1, 0.3, 0, 1, 1)).hasMessageStartingWith("train_per_specialty: ");
        assertThatThrownBy(() -> new ClinicSettings(1, 0.3, 1, -1, 1)).hasMessageStartingWith("val_per_specialty: ");
        assertThatThrownBy(() -> Clinic.cases(SETTINGS, "train", "dentistry", 1))
                .hasMessageStartingWith("specialty: 'dentistry'");
    }
}
