package ai.consilium.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.inference.prompt.PromptEncoder.Encoded;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.training.Trainer;
import ai.consilium.testing.TinyPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Simulated cases before a real, unlearned model. */
class TinyPolicyTest {
    private static final String FILE = "train.jsonl";
    private static final int MAX_TOKENS = 12;

    private static Path modelDirectory;
    private static Path data;
    private static TinyPolicy policy;
    private static CaseLibrary library;
    private static PromptEncoder encoder;

    @BeforeAll
    static void makeModelAndCases(@TempDir Path model, @TempDir Path dataDirectory) {
        modelDirectory = model;
        data = dataDirectory;
        Clinic.write(data, new ClinicSettings(5, .3, 20, 0, 0));
        policy = TinyPolicy.create(modelDirectory, 1);
        library = new CaseLibrary(data);
        encoder = new PromptEncoder(
                policy.model().directory(), PromptLayouts.canonical(), library, ImageSettings.of(1_000_000));
    }

    @AfterAll
    static void close() {
        policy.close();
    }

    @Test
    void givenACaseWhenEncodedUnderTwoPerspectivesThenThePrefixIsTheSameAndTheHashIsNot() {
        Case shown = cases().get(0);

        Encoded analytical = encoder.encode(FILE, shown, Perspective.ANALYTICAL);
        Encoded none = encoder.encode(FILE, shown, Perspective.NONE);

        assertThat(analytical.prefix().tokens()).containsExactly(none.prefix().tokens());
        assertThat(analytical.prefix().images().get(0))
                .isSameAs(none.prefix().images().get(0));
        assertThat(analytical.instruction()).isNotEqualTo(none.instruction());
        assertThat(analytical.hash())
                .isNotEqualTo(none.hash())
                .isEqualTo(PromptEncoder.hash(analytical.prefix().tokens(), analytical.instruction()));
    }

    @Test
    void givenAnImageOf32PixelsWhenEncodedThenItHasOneTokenPerMergedPatch() {
        int pad = policy.model().directory().tokenizer().id("<|image_pad|>");

        Encoded encoded = encoder.encode(FILE, cases().get(0), Perspective.NONE);

        assertThat(Arrays.stream(encoded.prefix().tokens()).filter(id -> id == pad))
                .hasSize(16);
    }

    @Test
    void givenATraceWhenEncodedAndDecodedThenItIsTheSameText() {
        for (Case one : cases()) {
            MarkedText completion = encoder.layout().completion(one, Perspective.ANALYTICAL);
            assertThat(encoder.text(encoder.completion(completion))).isEqualTo(completion.text());
        }
    }

    @Test
    void givenAnUnknownPerspectiveWhenEncodedThenItIsRefusedByName() {
        assertThatThrownBy(() -> encoder.encode(FILE, cases().get(0), "astrological"))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("astrological");
    }

    @Test
    void givenMoreCasesThanABatchWhenEvaluatedThenEachVerdictIsThatOfItsOwnGreedyAnswer() throws Exception {
        Adapter adapter = taughtOneAnswerPerSpecialty();
        Evaluator evaluator = new Evaluator(policy.model(), policy.sampler(), encoder, MAX_TOKENS, Grading.Mode.STRICT);

        List<Verdict> verdicts = evaluator.evaluate(adapter, FILE, cases());

        List<Verdict> alone = new ArrayList<>();
        for (Case one : cases()) {
            Encoded encoded = encoder.encode(FILE, one, Perspective.NONE);
            var group = new Sampler.Group(encoded.prefix(), List.of(encoded.instruction()), 99);
            var answer = policy.sampler()
                    .sample(adapter, List.of(group), new Sampler.Settings(0, MAX_TOKENS), Urgency.EVALUATE)
                    .get(0)
                    .get(0);
            alone.add(new Verdict(one.id(), Grading.correct(one, encoder.text(answer.tokens()), Grading.Mode.STRICT)));
        }
        assertThat(verdicts).hasSize(80).isEqualTo(alone);
        assertThat(verdicts).extracting(Verdict::correct).contains(true, false);
        AtomicInteger done = new AtomicInteger();
        assertThat(new BatchedEvaluation(evaluator, 3)
                        .evaluate(
                                FILE,
                                Map.of("all", cases(), "none", List.of()),
                                specialty -> adapter,
                                done::incrementAndGet))
                .as("batches at once")
                .containsOnly(Map.entry("all", alone), Map.entry("none", List.of()));
        assertThat(done)
                .as("each is heard of")
                .hasValue(Evaluator.batches(cases(), 1).size());
    }

    @Test
    void givenSeveralSamplesWhenSampledThenTheyDifferBySampleCaseAndSeedAndAreRepeatable() throws Exception {
        Evaluator evaluator = new Evaluator(policy.model(), policy.sampler(), encoder, MAX_TOKENS, Grading.Mode.STRICT);
        List<Case> two = cases().subList(0, 2);

        List<String> texts = texts(evaluator, two, 3, 7);

        assertThat(texts).hasSize(6).doesNotHaveDuplicates();
        assertThat(texts(evaluator, two, 3, 7)).isEqualTo(texts);
        assertThat(texts(evaluator, two.subList(1, 2), 3, 7)).isEqualTo(texts.subList(3, 6));
        assertThat(texts(evaluator, two, 3, 8)).doesNotContainAnyElementsOf(texts);
    }

    private static List<String> texts(Evaluator evaluator, List<Case> cases, int samples, long seed)
            throws InterruptedException {
        return evaluator.sample(null, Perspective.NONE, FILE, cases, new Evaluator.Sampling(samples, 1, seed)).stream()
                .flatMap(List::stream)
                .map(evaluator::text)
                .toList();
    }

    @Test
    void givenACaseWithoutImagesWhenEncodedSampledAndTrainedOnThenItNeedsNone() throws Exception {
        Case shown = cases().get(0);
        Case told = withoutImages(shown);
        Evaluator evaluator = new Evaluator(policy.model(), policy.sampler(), encoder, MAX_TOKENS, Grading.Mode.STRICT);

        Encoded encoded = encoder.encode(FILE, told, Perspective.ANALYTICAL);
        List<String> alone = texts(evaluator, List.of(told), 1, 7);
        List<String> beside = texts(evaluator, List.of(shown, told), 1, 7);

        int pad = policy.model().directory().tokenizer().id("<|image_pad|>");
        assertThat(encoded.prefix().images()).isEmpty();
        assertThat(encoded.prefix().tokens()).doesNotContain(pad);
        assertThat(beside.get(1)).isEqualTo(alone.get(0));
        Adapter initial = Adapter.initial(policy.model().directory(), 4, 8, List.of("q_proj"), 3);
        int[] completion = encoder.completion(encoder.layout().completion(told, Perspective.ANALYTICAL));
        try (Trainer trainer =
                new Trainer(policy.model(), policy.compute(), initial, new Trainer.Optimiser(.9, .99, 1e-8, 0, 1))) {
            trainer.superviseStep(
                    List.of(new Trainer.Example(encoded.prefix(), encoded.instruction(), completion)), 1e-2);
            assertThat(trainer.adapter().hash()).isNotEqualTo(initial.hash());
        }
    }

    private static Case withoutImages(Case of) {
        return new Case(
                of.id(),
                of.specialty(),
                of.modality(),
                List.of(),
                of.question(),
                of.options(),
                of.label(),
                of.context(),
                of.evidence(),
                of.traces(),
                of.source());
    }

    @Test
    void givenMoreSamplesThanABatchWhenSplitThenACaseIsNeverDivided() {
        assertThat(Evaluator.batches(cases(), 1)).extracting(List::size).containsExactly(64, 16);
        assertThat(Evaluator.batches(cases(), 30)).hasSize(40).allMatch(batch -> batch.size() == 2);
        assertThat(Evaluator.batches(cases(), 100)).hasSize(80);
    }

    /** Knows the mark-up and answers every case of a specialty alike, so that some verdicts are right and some wrong. */
    private static Adapter taughtOneAnswerPerSpecialty() throws InterruptedException {
        Map<String, Trainer.Example> examples = new TreeMap<>();
        for (Case one : cases()) {
            examples.computeIfAbsent(one.specialty(), specialty -> {
                Encoded encoded = encoder.encode(FILE, one, Perspective.NONE);
                String completion = "<think> so </think> <answer> " + one.answer() + " </answer> <|im_end|>";
                return new Trainer.Example(
                        encoded.prefix(), encoded.instruction(), encoder.completion(MarkedText.written(completion)));
            });
        }
        Adapter initial = Adapter.initial(
                policy.model().directory(), 8, 16, List.of("q_proj", "v_proj", "o_proj", "up_proj", "down_proj"), 3);
        try (Trainer trainer =
                new Trainer(policy.model(), policy.compute(), initial, new Trainer.Optimiser(.9, .99, 1e-8, 0, 1))) {
            for (int step = 0; step < 60; step++) {
                trainer.superviseStep(List.copyOf(examples.values()), 1e-2);
            }
            return trainer.adapter();
        }
    }

    @Test
    void givenAnotherModelsEncoderWhenTheEvaluatorIsMadeThenItIsRefused(@TempDir Path other) {
        try (TinyPolicy stranger = TinyPolicy.create(other, 2)) {
            assertThatThrownBy(() -> new Evaluator(
                            stranger.model(), stranger.sampler(), encoder, MAX_TOKENS, Grading.Mode.STRICT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(modelDirectory.toString());
        }
    }

    private static List<Case> cases() {
        return library.file(FILE).cases();
    }
}
