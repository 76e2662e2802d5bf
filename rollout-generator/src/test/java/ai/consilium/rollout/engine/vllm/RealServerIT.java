package ai.consilium.rollout.engine.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.ModelWriter;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.training.CompletionScorer;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.engine.InferenceEngine.GroupText;
import ai.consilium.schemas.Sampling;
import ai.consilium.testing.TestSeed;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A vLLM server that serves models/tiny in float32; docs/VLLM.md says how to start one. */
class RealServerIT {
    private static final String URL = "VLLM_TEST_URL";
    private static final Path MODEL = Path.of("../models/tiny");
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final String FILE = "train.jsonl";
    private static final double MOST = 1e-3;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(doubles = {1.0, 0.6, 0.0})
    void givenCasesWithImagesWhenTheyAreSampledThenTheLogProbabilitiesAreTheLearnersOwn(double temperature)
            throws Exception {
        assumeServer();
        try (Compute compute = new Compute(1);
                PolicyModel model = PolicyModel.load(ModelDirectory.open(MODEL), compute)) {
            Clinic.write(directory, new ClinicSettings(3, .3, 5, 0, 0));
            CaseLibrary library = new CaseLibrary(directory);
            PromptEncoder encoder = new PromptEncoder(
                    model.directory(), PromptLayouts.canonical(), library, ImageSettings.of(1_000_000));
            CompletionScorer scorer = new CompletionScorer(model, compute);
            Random random = new Random(TestSeed.of(RealServerIT.class));
            try (VllmEngine engine = engine(encoder, scorer)) {
                double most = 0;
                int tokens = 0;
                for (long version = 0; version < 3; version++) {
                    Adapter adapter = adapter(model.directory(), random);
                    engine.use(new AdapterVersion("pediatrics", version, adapter.hash(), adapter));
                    for (Sampled sampled : sample(engine, library, version, new Sampling(temperature, 48))) {
                        List<PromptEncoder.Encoded> prompts = encoder.encode(
                                sampled.text().name(),
                                sampled.text().prompts(),
                                sampled.text().images());
                        for (int i = 0; i < sampled.completions().size(); i++) {
                            Completion completion = sampled.completions().get(i);
                            PromptEncoder.Encoded prompt = prompts.get(i);
                            float[] own = scorer.logprobs(
                                    adapter,
                                    prompt.prefix(),
                                    prompt.instruction(),
                                    completion.tokens(),
                                    temperature == 0 ? 1 : temperature);
                            most = Math.max(
                                    most,
                                    Probe.Difference.of(completion.logprobs(), own)
                                            .most());
                            tokens += own.length;
                        }
                    }
                }
                System.out.printf("temperature %.1f: %d tokens, largest difference %.1e%n", temperature, tokens, most);
                assertThat(most).isLessThan(MOST);
            }
        }
    }

    @Test
    void givenAServerOfAnotherModelThenItIsRefusedByItsDifference() throws Exception {
        assumeServer();
        Path other = directory.resolve("other");
        try (Compute compute = new Compute(1);
                PolicyModel model = PolicyModel.load(otherWeights(other), compute)) {
            PromptEncoder encoder = new PromptEncoder(
                    model.directory(),
                    PromptLayouts.canonical(),
                    new CaseLibrary(directory),
                    ImageSettings.of(1_000_000));
            try (VllmEngine engine = engine(encoder, new CompletionScorer(model, compute))) {
                Adapter adapter = adapter(model.directory(), new Random(1));
                engine.use(new AdapterVersion("pediatrics", 0, adapter.hash(), adapter));
                GroupText group = new GroupText(
                        "case", List.of(new PromptText(MarkedText.NONE, 0, MarkedText.written("age 4"))), List.of(), 1);
                engine.sample("pediatrics", engine.prepare(group), new Sampling(1.0, 4));

                await().atMost(SOON)
                        .until(() -> engine.impediment().orElse("").contains("differ from this process's own"));
            }
        }
    }

    private static void assumeServer() {
        assumeTrue(System.getenv(URL) != null, URL + " names no vLLM server that serves models/tiny: skipped");
    }

    private VllmEngine engine(PromptEncoder encoder, CompletionScorer scorer) {
        VllmConfig config = new VllmConfig(List.of(System.getenv(URL)), "", "", 4, 8, Duration.ofMinutes(1), 0);
        return new VllmEngine(
                config,
                new VllmEngine.Parts(
                        encoder,
                        scorer,
                        Precision.FP32,
                        directory.resolve("adapters"),
                        new SimpleMeterRegistry(),
                        System::getenv));
    }

    private record Sampled(GroupText text, List<Completion> completions) {}

    /** One group of each case, sampled by a version when it is there. */
    private static List<Sampled> sample(VllmEngine engine, CaseLibrary library, long version, Sampling sampling)
            throws Exception {
        List<GroupText> groups = new ArrayList<>();
        for (Case of : library.file(FILE).cases()) {
            List<PromptText> prompts = Perspective.ALL.stream()
                    .flatMap(perspective -> List.of(perspective, perspective).stream())
                    .map(perspective -> PromptLayouts.canonical().prompt(of, perspective))
                    .toList();
            groups.add(new GroupText("case " + of.id(), prompts, library.images(FILE, of), version));
        }
        // The first group waits for the version: those before it may be sampled by the one before.
        await().atMost(SOON).until(() -> {
            List<Completion> first = engine.sample("pediatrics", engine.prepare(groups.get(0)), sampling)
                    .get(SOON.toSeconds(), TimeUnit.SECONDS);
            return first.stream().allMatch(each -> each.spans().get(0).getPolicyVersion() == version);
        });
        List<CompletableFuture<List<Completion>>> futures = groups.stream()
                .map(group -> engine.sample("pediatrics", engine.prepare(group), sampling))
                .toList();
        List<Sampled> sampled = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            sampled.add(new Sampled(groups.get(i), futures.get(i).get(SOON.toSeconds(), TimeUnit.SECONDS)));
        }
        return sampled;
    }

    private static Adapter adapter(ModelDirectory model, Random random) {
        Adapter adapter = Adapter.initial(model, 8, 16, List.of("q_proj", "v_proj", "down_proj"), random.nextLong());
        adapter.tensors().forEach((name, tensor) -> {
            if (name.contains("lora_B")) {
                for (int i = 0; i < tensor.values().length; i++) {
                    tensor.values()[i] = (float) (0.05 * random.nextGaussian());
                }
            }
        });
        return adapter;
    }

    /** Of the same shape and vocabulary. */
    private static ModelDirectory otherWeights(Path at) throws IOException {
        ModelDirectory shape = ModelDirectory.open(MODEL);
        Files.createDirectories(at);
        for (String file : List.of("tokenizer.json", "tokenizer_config.json", "preprocessor_config.json")) {
            Files.copy(MODEL.resolve(file), at.resolve(file));
        }
        ModelWriter.initialise(at, shape.config(), 5);
        return ModelDirectory.open(at);
    }
}
