package ai.consilium.rollout.engine.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.training.CompletionScorer;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.engine.InferenceEngine.GroupText;
import ai.consilium.schemas.Sampling;
import ai.consilium.testing.TinyPolicy;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A tiny model, cases for it, engines and stub servers over it, anew for each test. */
@SuppressWarnings("NullAway.Init") // beforeEach fills the fields
final class VllmRig implements BeforeEachCallback, AfterEachCallback {
    static final String CHILDREN = "pediatrics";
    static final String ADULTS = "adult_medicine";
    static final Sampling SAMPLING = new Sampling(1.0, 6);
    static final Duration SOON = Duration.ofSeconds(60);
    static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String FILE = "train.jsonl";

    private Path directory;
    private TinyPolicy policy;
    private CaseLibrary library;
    private PromptEncoder encoder;
    private CompletionScorer scorer;
    final MeterRegistry metrics = new SimpleMeterRegistry();
    private final List<StubServer> servers = new ArrayList<>();

    @Override
    public void beforeEach(ExtensionContext test) throws IOException {
        directory = Files.createTempDirectory("vllm");
        Path data = Files.createDirectories(directory.resolve("data"));
        Clinic.write(data, new ClinicSettings(3, .3, 4, 0, 0));
        policy = TinyPolicy.create(Files.createDirectories(directory.resolve("model")), 1);
        library = new CaseLibrary(data);
        encoder = new PromptEncoder(
                policy.model().directory(), PromptLayouts.canonical(), library, ImageSettings.of(1_000_000));
        scorer = new CompletionScorer(policy.model(), policy.compute());
    }

    Path directory() {
        return directory;
    }

    PromptEncoder encoder() {
        return encoder;
    }

    StubServer server() throws IOException {
        return server(0);
    }

    StubServer server(int port) throws IOException {
        StubServer server = new StubServer(policy, encoder, directory, port);
        servers.add(server);
        return server;
    }

    VllmEngine engine(StubServer... of) {
        return engine(config(TIMEOUT, "", of), Map.of());
    }

    VllmEngine engine(VllmConfig config, Map<String, String> environment) {
        return new VllmEngine(
                config,
                new VllmEngine.Parts(
                        encoder, scorer, Precision.FP32, directory.resolve("adapters"), metrics, environment::get));
    }

    static VllmConfig config(Duration timeout, String apiKeyEnv, StubServer... of) {
        List<String> urls = Arrays.stream(of).map(StubServer::url).toList();
        return new VllmConfig(urls, apiKeyEnv, "", 3, 2, timeout, 0);
    }

    AdapterVersion version(String policyName, long version) {
        Adapter adapter = policy.adapter(31 * version + policyName.hashCode());
        return new AdapterVersion(policyName, version, adapter.hash(), adapter);
    }

    /** Two samples of one perspective and one of another. */
    GroupText group(int number) {
        List<Case> cases = library.file(FILE).cases();
        Case of = cases.get(number % cases.size());
        List<PromptText> prompts = List.of("analytical", "none", "analytical").stream()
                .map(perspective -> PromptLayouts.canonical().prompt(of, perspective))
                .toList();
        return new GroupText("case " + of.id(), prompts, library.images(FILE, of), 1000L * number);
    }

    /** The samples are those that the versions they name would draw: their log-probabilities are computed again. */
    void check(GroupText group, List<Completion> samples, AdapterVersion... versions) throws InterruptedException {
        assertThat(samples).hasSameSizeAs(group.prompts());
        List<PromptEncoder.Encoded> prompts = encoder.encode(group.name(), group.prompts(), group.images());
        for (int i = 0; i < samples.size(); i++) {
            Completion sample = samples.get(i);
            PromptEncoder.Encoded prompt = prompts.get(i);
            assertThat(sample.spans()).singleElement().satisfies(span -> {
                assertThat(span.getStart()).isZero();
                assertThat(span.getEnd()).isEqualTo(sample.tokens().length);
            });
            AdapterVersion by = Arrays.stream(versions)
                    .filter(version ->
                            version.hash().equals(sample.spans().get(0).getAdapterHash()))
                    .findFirst()
                    .orElseThrow();
            assertThat(sample.spans().get(0).getPolicyVersion()).isEqualTo(by.version());
            assertThat(sample.text()).isEqualTo(encoder.text(sample.tokens()));
            float[] own = scorer.logprobs(by.adapter(), prompt.prefix(), prompt.instruction(), sample.tokens(), 1);
            for (int token = 0; token < own.length; token++) {
                assertThat(sample.logprobs()[token]).isCloseTo(own[token], within(1e-3f));
            }
        }
    }

    /** Queues the groups 0, 1, and so on. */
    List<CompletableFuture<List<Completion>>> begin(VllmEngine engine, String policy, int groups) {
        List<CompletableFuture<List<Completion>>> futures = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            futures.add(engine.sample(policy, engine.prepare(group(i)), SAMPLING));
        }
        return futures;
    }

    /** Futures of groups that {@link #begin} numbered from 0. */
    void finish(List<CompletableFuture<List<Completion>>> futures, AdapterVersion... versions) throws Exception {
        for (int i = 0; i < futures.size(); i++) {
            List<Completion> samples = futures.get(i).get(SOON.toSeconds(), TimeUnit.SECONDS);
            check(group(i), samples, versions);
        }
    }

    double meter(String name, StubServer server) {
        return metrics.find(name).tag("server", server.url()).meters().stream()
                .flatMap(meter -> StreamSupport.stream(meter.measure().spliterator(), false))
                .mapToDouble(measurement -> measurement.getValue())
                .sum();
    }

    @Override
    public void afterEach(ExtensionContext test) {
        servers.forEach(StubServer::close);
        policy.close();
        RunDirectory.delete(directory);
    }
}
