package ai.consilium.policy.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.training.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tokenizer that ends before vocab_size and has a hole, as that of Qwen2.5-VL does. */
@Timeout(300)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class CompletionTokensTest {
    /** Of the 96 rows of the head, 40 belong to a token. */
    private static final int IDS = 41;

    private static final int HOLE = 30;
    private static final int IMAGE_PAD = 5;
    private static final int SAMPLES = 40;

    @TempDir
    Path directory;

    private ModelDirectory model;

    @BeforeEach
    void create() throws IOException {
        model = RandomModel.create(
                directory, RandomModel.small(), IntStream.range(0, IDS).filter(id -> id != HOLE), 3);
    }

    @Test
    void givenATokenizerThatEndsEarlyThenACompletionHoldsItsTokensOnly() {
        CompletionTokens tokens = model.completionTokens();

        assertThat(tokens).isEqualTo(new CompletionTokens(IDS, new TreeSet<>(List.of(IMAGE_PAD, HOLE))));
        assertThat(IntStream.range(-1, 96).filter(tokens::contains))
                .hasSize(IDS - 2)
                .doesNotContain(-1, IMAGE_PAD, HOLE, IDS);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void givenIdsWithoutATokenThenNoneIsSampledAndTheLearnerAgrees(Precision precision) throws Exception {
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute, precision);
                Sampler sampler = new Sampler(policy, compute)) {
            Adapter adapter = RandomModel.adapter(model, 4, 7);
            EncodedPrompt prompt = prompt();
            // So hot that every row of the head would be drawn.
            Sampler.Settings hot = new Sampler.Settings(50, 32);
            List<Sampler.Completion> completions = sampler.sample(
                            adapter,
                            List.of(new Sampler.Group(prompt, Collections.nCopies(SAMPLES, new int[0]), 11)),
                            hot,
                            Compute.Urgency.SAMPLE)
                    .get(0);

            assertThat(completions.stream().flatMapToInt(completion -> IntStream.of(completion.tokens())))
                    .allMatch(model.completionTokens()::contains);
            assertThat(completions.stream()
                            .flatMapToInt(completion -> IntStream.of(completion.tokens()))
                            .distinct())
                    .as("every other one is")
                    .hasSize(IDS - 2);
            double tolerance = precision == Precision.FP32 ? 1e-4 : 2e-2;
            assertThat(learnt(policy, compute, adapter, new Trainer.Group(prompt, members(completions), 50)))
                    .containsExactly(recorded(completions), within((float) tolerance));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 0.5f, 0.99999994f, 1})
    void givenNoiseAtTheEndsThenTheChosenTokenHasMass(float noise) throws Exception {
        float[] logits = {-1e9f, 1, -1e9f, 2, 0.5f, -1e9f, -1e9f};
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute);
                Scope scope = Scope.open()) {
            long token = compute.call(
                    Compute.Urgency.SAMPLE,
                    () -> policy.script()
                            .call(
                                    scope,
                                    "choose",
                                    scope.floats(logits, 1, 7),
                                    scope.floats(new float[] {noise}, 1),
                                    1.0)
                            .get(0)
                            .longs()[0]);

            assertThat(token).isIn(1L, 3L, 4L);
        }
    }

    private EncodedPrompt prompt() {
        Random random = new Random(4);
        return new EncodedPrompt(
                IntStream.concat(IntStream.of(1), random.ints(6, 6, HOLE)).toArray(), List.of());
    }

    private static List<Trainer.Member> members(List<Sampler.Completion> completions) {
        return completions.stream()
                .map(completion -> new Trainer.Member(new int[0], completion.tokens(), completion.logprobs(), 1, false))
                .toList();
    }

    private static float[] recorded(List<Sampler.Completion> completions) {
        float[] all = new float
                [completions.stream()
                        .mapToInt(completion -> completion.tokens().length)
                        .sum()];
        int at = 0;
        for (Sampler.Completion completion : completions) {
            System.arraycopy(completion.logprobs(), 0, all, at, completion.logprobs().length);
            at += completion.logprobs().length;
        }
        return all;
    }

    private static float[] learnt(PolicyModel policy, Compute compute, Adapter adapter, Trainer.Group group)
            throws InterruptedException {
        try (Trainer trainer = new Trainer(policy, compute, adapter, RandomModel.OPTIMISER)) {
            return trainer.logprobs(List.of(group));
        }
    }
}
