package ai.consilium.policy.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.SamplingEngine.Finished;
import ai.consilium.policy.sampling.SamplingEngine.Limits;
import ai.consilium.policy.sampling.SamplingEngine.Policy;
import ai.consilium.policy.sampling.SamplingEngine.Request;
import ai.consilium.policy.sampling.SamplingEngine.Sampled;
import ai.consilium.policy.sampling.SamplingEngine.Span;
import ai.consilium.policy.torch.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class SamplingEngineTest {
    private static final double TEMPERATURE = 0.8;
    /** Slots of keys and values, too few for all requests at once: groups join while others decode, and batches move as they grow. */
    private static final int SLOTS = 700;

    @TempDir
    Path directory;

    private ModelDirectory model;
    private Compute compute;
    private PolicyModel policy;
    private SamplingEngine engine;
    private final Map<String, Adapter> adapters = new HashMap<>();
    private final Map<Long, Request> submitted = new HashMap<>();
    private final Map<Long, List<Sampled>> results = new HashMap<>();

    @BeforeEach
    void load() throws IOException {
        model = RandomModel.create(directory, RandomModel.small(), 3);
        compute = new Compute(2);
        policy = PolicyModel.load(model, compute);
        engine = new SamplingEngine(policy, compute, limits());
        for (int i = 0; i < 3; i++) {
            use("expert-" + i, i, RandomModel.adapter(model, 4, 10 + i));
        }
    }

    @AfterEach
    void close() {
        engine.close();
        policy.close();
        compute.close();
    }

    private Limits limits() {
        long slotBytes = 2L
                * model.config().layers()
                * model.config().kvHeads()
                * model.config().headDim()
                * policy.precision().bytes();
        return new Limits(7, SLOTS * slotBytes);
    }

    private void use(String expert, long version, Adapter adapter) {
        Policy named = Policy.of(version, adapter);
        adapters.put(named.hash(), adapter);
        engine.use(expert, named);
    }

    private Request request(int i) throws IOException {
        Random random = new Random(i);
        List<int[]> instructions = new ArrayList<>();
        List<Integer> limits = new ArrayList<>();
        for (int s = 0; s < 3; s++) {
            instructions.add(RandomModel.words(model.config(), s == 0 ? 4 : random.nextInt(5), random));
            limits.add(2 + random.nextInt(30));
        }
        EncodedPrompt prompt = RandomModel.prompt(model, directory, 3 + random.nextInt(6), i);
        return new Request(
                "expert-" + i % 3, new Sampler.Group(prompt, instructions, i), TEMPERATURE, limits, i % 4 > 0);
    }

    private void submit(Request request) {
        submitted.put(engine.submit(request), request);
    }

    private void step() throws InterruptedException {
        for (Finished finished : engine.step(Compute.Urgency.SAMPLE)) {
            results.put(finished.ticket(), finished.samples());
        }
    }

    /** Enough for every expert to have had its turn. */
    private void stepEach() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            step();
        }
    }

    private void finish() throws InterruptedException {
        while (!engine.isIdle()) {
            step();
        }
        assertThat(results.keySet()).isEqualTo(submitted.keySet());
    }

    @Test
    void givenMixedExpertsAndLengthsThenRecordedLogProbabilitiesAreTheLearners() throws Exception {
        for (int i = 0; i < 14; i++) {
            submit(request(i));
        }
        finish();

        double worst = 0;
        for (var entry : results.entrySet()) {
            worst = Math.max(worst, worstDifference(found(submitted, entry.getKey()), entry.getValue()));
        }
        System.out.printf("largest difference of log-probabilities: %.1e%n", worst);
        assertThat(worst).isLessThanOrEqualTo(1e-4);
    }

    @Test
    void givenBf16ThenRecordedLogProbabilitiesAreNearTheLearners() throws Exception {
        engine.close();
        policy.close();
        policy = PolicyModel.load(model, compute, Precision.BF16);
        engine = new SamplingEngine(policy, compute, limits());
        for (int i = 0; i < 3; i++) {
            use("expert-" + i, i, RandomModel.adapter(model, 4, 10 + i));
        }
        for (int i = 0; i < 6; i++) {
            submit(request(i));
        }
        finish();

        double worst = 0;
        for (var entry : results.entrySet()) {
            worst = Math.max(worst, worstDifference(found(submitted, entry.getKey()), entry.getValue()));
        }
        System.out.printf("bf16: largest difference of log-probabilities: %.1e%n", worst);
        assertThat(worst).isLessThanOrEqualTo(3e-2);
    }

    @Test
    void givenASwapInTheMiddleThenEachPositionIsOfTheAdapterThatItsSpanNames() throws Exception {
        for (int i = 1; i < 6; i++) {
            submit(request(i));
        }
        stepEach();
        use("expert-1", 100, RandomModel.adapter(model, 4, 77));
        stepEach();
        use("expert-1", 101, RandomModel.adapter(model, 4, 78));
        finish();

        int swapped = 0;
        for (var entry : results.entrySet()) {
            for (Sampled sample : entry.getValue()) {
                assertThat(covers(sample)).isTrue();
                swapped += sample.spans().size() > 1 ? 1 : 0;
            }
            assertThat(worstDifference(found(submitted, entry.getKey()), entry.getValue()))
                    .isLessThanOrEqualTo(1e-4);
        }
        assertThat(swapped).as("completions of several versions").isPositive();
        assertThat(results.values().stream()
                        .flatMap(List::stream)
                        .flatMap(s -> s.spans().stream())
                        .map(Span::version))
                .contains(1L, 100L, 101L, 2L);
    }

    private static boolean covers(Sampled sample) {
        int next = 0;
        for (Span span : sample.spans()) {
            if (span.start() != next || span.end() <= span.start()) {
                return false;
            }
            next = span.end();
        }
        return next == sample.completion().tokens().length;
    }

    @Test
    void givenASeedThenItsTokensAreTheSameAloneAndInCompany() throws Exception {
        for (int i = 0; i < 24; i++) {
            submit(request(i));
        }
        finish();
        Map<Long, List<Sampled>> together = Map.copyOf(results);
        int tokens = 0;
        int others = 0;
        for (var entry : together.entrySet()) {
            long alone = engine.submit(found(submitted, entry.getKey()));
            results.clear();
            while (!engine.isIdle()) {
                step();
            }
            for (int s = 0; s < 3; s++) {
                int[] one = found(results, alone).get(s).completion().tokens();
                int[] other = entry.getValue().get(s).completion().tokens();
                int same = Arrays.mismatch(one, other);
                tokens += other.length;
                others += same < 0 ? 0 : other.length - Math.min(same, other.length);
            }
        }
        System.out.printf("%d of %d tokens differ by company%n", others, tokens);
        assertThat((double) others / tokens).isLessThanOrEqualTo(1e-3);
    }

    @Test
    void givenForcedLengthsThenEveryCompletionHasItsLength() throws Exception {
        Request forced = request(4);
        assertThat(forced.stops()).isFalse();
        submit(forced);
        finish();

        List<Sampled> samples = results.values().iterator().next();
        assertThat(samples.stream().map(s -> s.completion().tokens().length)).isEqualTo(forced.limits());
        assertThat(samples).allMatch(s -> s.completion().truncated());
    }

    @Test
    void givenARequestThatCannotFitThenItIsRefusedByName() throws Exception {
        Request fits = request(1);
        Request endless = new Request("expert-0", fits.group(), 1, List.of(1, 1, 9999), true);

        assertThatThrownBy(() -> engine.submit(endless))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("keys and values of its 3 samples");
        assertThatThrownBy(() -> engine.submit(Request.of("nobody", fits.group(), new Sampler.Settings(1, 4))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("nobody");
        assertThat(engine.isIdle()).isTrue();
    }

    @Test
    void givenAGroupThatIsGivenUpThenItNeverEndsAndTheOthersDo() throws Exception {
        List<Long> tickets = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tickets.add(engine.submit(request(i)));
        }
        step();
        for (int i = 0; i < 8; i += 2) {
            engine.withdraw(tickets.get(i));
        }
        while (!engine.isIdle()) {
            step();
        }

        assertThat(results.keySet())
                .containsAll(List.of(tickets.get(1), tickets.get(3), tickets.get(5), tickets.get(7)))
                .doesNotContain(tickets.get(6));
    }

    @Test
    void givenARequestThatNeedsAllTheMemoryThenYoungerOnesDoNotKeepItWaiting() throws Exception {
        for (int i = 0; i < 4; i++) {
            submit(request(i));
        }
        Request small = request(1);
        int most = (SLOTS - small.prefixTokens()) / 3 - small.instructionTokens();
        Request large = new Request("expert-1", small.group(), 1, List.of(most, most, most), false);
        long ticket = engine.submit(large);
        submitted.put(ticket, large);
        for (int i = 5; i < 30; i++) {
            submit(request(i));
        }
        while (!results.containsKey(ticket)) {
            step();
        }

        assertThat(results.keySet()).allMatch(ended -> ended <= ticket);
        finish();
    }

    private double worstDifference(Request request, List<Sampled> samples) throws InterruptedException {
        return compute.call(Compute.Urgency.TRAIN, () -> difference(request, samples));
    }

    private double difference(Request request, List<Sampled> samples) {
        double worst = 0;
        for (int s = 0; s < samples.size(); s++) {
            float[] recorded = samples.get(s).completion().logprobs();
            double[] reference = reference(request, s, samples.get(s));
            for (int i = 0; i < recorded.length; i++) {
                worst = Math.max(worst, Math.abs(recorded[i] - reference[i]));
            }
        }
        return worst;
    }

    /**
     * Log-probabilities by the learner's forward, with LoRA beside the weights and nothing shared between samples. A span's
     * tokens are predicted where its adapter read the tokens before them; what was read earlier stays as it was read.
     */
    private double[] reference(Request request, int sample, Sampled sampled) {
        int[] completion = sampled.completion().tokens();
        int[] prompt = request.group().prompt().tokens();
        int[] instruction = request.group().instructions().get(sample);
        int[] own = new int[1 + instruction.length + completion.length];
        own[0] = prompt[prompt.length - 1];
        System.arraycopy(instruction, 0, own, 1, instruction.length);
        System.arraycopy(completion, 0, own, 1 + instruction.length, completion.length);
        double[] logprobs = new double[completion.length];
        try (Scope scope = Scope.open()) {
            LearnerForward forward = new LearnerForward(
                    policy, request.group().prompt(), adapter(sampled.spans().get(0)), scope);
            int read = 0;
            for (Span span : sampled.spans()) {
                int until = instruction.length + span.end();
                float[][] logits = forward.read(Arrays.copyOfRange(own, read, until), adapter(span));
                for (int i = span.start(); i < span.end(); i++) {
                    logprobs[i] =
                            LearnerForward.logprob(logits[instruction.length + i - read], completion[i], TEMPERATURE);
                }
                read = until;
            }
        }
        return logprobs;
    }

    private Adapter adapter(Span span) {
        return found(adapters, span.hash());
    }

    private static <K, V> V found(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key));
    }
}
