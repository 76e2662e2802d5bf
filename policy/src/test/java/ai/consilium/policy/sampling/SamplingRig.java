package ai.consilium.policy.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.Folding;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A random model with three experts, and an engine that has not room for all that the tests ask of it at once. */
@Timeout(300)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
abstract class SamplingRig {
    static final double TEMPERATURE = 0.8;
    /** Slots of keys and values, too few for all requests at once: groups join while others decode, and batches move as they grow. */
    static final int SLOTS = 700;

    @TempDir
    Path directory;

    ModelDirectory model;
    Compute compute;
    PolicyModel policy;
    AdaptedWeights weights;
    SamplingEngine engine;
    final Map<String, Adapter> adapters = new HashMap<>();
    final Map<Long, Request> submitted = new HashMap<>();
    final Map<Long, List<Sampled>> results = new HashMap<>();

    @BeforeEach
    void load() throws IOException {
        model = RandomModel.create(directory, RandomModel.small(), 3);
        compute = new Compute(2);
        start(Precision.FP32);
    }

    /** An engine with three experts. */
    void start(Precision precision) {
        policy = PolicyModel.load(model, compute, precision);
        weights = new AdaptedWeights(policy, folding());
        engine = new SamplingEngine(policy, compute, limits(), weights);
        for (int i = 0; i < 3; i++) {
            use("expert-" + i, i, RandomModel.adapter(model, 4, 10 + i));
        }
    }

    /** How adapters are sampled with. */
    Folding folding() {
        return Folding.ALWAYS;
    }

    void stop() {
        engine.close();
        weights.close();
        policy.close();
    }

    @AfterEach
    void close() {
        stop();
        compute.close();
    }

    Limits limits() {
        long slotBytes = 2L
                * model.config().layers()
                * model.config().kvHeads()
                * model.config().headDim()
                * policy.precision().bytes();
        return new Limits(7, SLOTS * slotBytes);
    }

    void use(String expert, long version, Adapter adapter) {
        Policy named = Policy.of(version, adapter);
        adapters.put(named.hash(), adapter);
        engine.use(expert, named);
    }

    Request request(int i) throws IOException {
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

    void submit(Request request) {
        submitted.put(engine.submit(request), request);
    }

    void step() throws InterruptedException {
        for (Finished finished : engine.step(Compute.Urgency.SAMPLE)) {
            results.put(finished.ticket(), finished.samples());
        }
    }

    /** Enough for every expert to have had its turn. */
    void stepEach() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            step();
        }
    }

    void finish() throws InterruptedException {
        while (!engine.isIdle()) {
            step();
        }
        assertThat(results.keySet()).isEqualTo(submitted.keySet());
    }

    static <K, V> V found(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key));
    }
}
