package ai.consilium.policy.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.torch.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class SamplerTest {
    private static final Sampler.Settings WARM = new Sampler.Settings(1.0, 20);

    @TempDir
    Path directory;

    private ModelDirectory model;
    private Compute compute;
    private PolicyModel policy;
    private Sampler sampler;

    @BeforeEach
    void load() throws IOException {
        model = RandomModel.create(directory, RandomModel.small(), 3);
        compute = new Compute(1);
        policy = PolicyModel.load(model, compute);
        sampler = new Sampler(policy, compute);
    }

    @AfterEach
    void close() {
        sampler.close();
        policy.close();
        compute.close();
    }

    private Sampler.Group group(long seed, int words) throws IOException {
        Random random = new Random(seed);
        return new Sampler.Group(
                RandomModel.prompt(model, directory, words, seed),
                List.of(
                        new int[0],
                        RandomModel.words(model.config(), 5, random),
                        RandomModel.words(model.config(), 2, random)),
                seed);
    }

    private List<List<Sampler.Completion>> sample(
            Adapter adapter, List<Sampler.Group> groups, Sampler.Settings settings) throws InterruptedException {
        return sampler.sample(adapter, groups, settings, Compute.Urgency.SAMPLE);
    }

    private static List<int[]> tokens(List<Sampler.Completion> completions) {
        return completions.stream().map(Sampler.Completion::tokens).toList();
    }

    @Test
    void givenAnAdapterAtItsStartThenItSamplesExactlyAsTheBase() throws Exception {
        List<Sampler.Group> groups = List.of(group(1, 6), group(2, 9));
        Adapter start = Adapter.initial(model, 4, 8, RandomModel.TARGETS, 5);

        var base = sampler.sample(null, groups, WARM, Compute.Urgency.SAMPLE);
        var adapted = sample(start, groups, WARM);

        for (int g = 0; g < groups.size(); g++) {
            for (int s = 0; s < 3; s++) {
                assertThat(adapted.get(g).get(s).tokens())
                        .isEqualTo(base.get(g).get(s).tokens());
                assertThat(adapted.get(g).get(s).logprobs())
                        .isEqualTo(base.get(g).get(s).logprobs());
            }
        }
    }

    @Test
    void givenAnAdapterThatDiffersThenItSamplesDifferently() throws Exception {
        List<Sampler.Group> groups = List.of(group(1, 6));

        var base = sampler.sample(null, groups, WARM, Compute.Urgency.SAMPLE);
        var adapted = sample(RandomModel.adapter(model, 4, 7), groups, WARM);

        assertThat(adapted.get(0).get(1).logprobs())
                .isNotEqualTo(base.get(0).get(1).logprobs());
    }

    @Test
    void givenASeedThenItsSamplesAreTheSameAloneAndInCompany() throws Exception {
        Adapter adapter = RandomModel.adapter(model, 4, 7);
        Sampler.Settings settings = new Sampler.Settings(1.0, 60);
        List<Sampler.Group> company = new ArrayList<>();
        for (int g = 0; g < 5; g++) {
            company.add(group(g, 3 + 4 * g));
        }

        var together = sample(adapter, company, settings);

        for (int g = 0; g < company.size(); g++) {
            var alone = sample(adapter, List.of(company.get(g)), settings);
            assertThat(tokens(alone.get(0))).as("group %d", g).containsExactlyElementsOf(tokens(together.get(g)));
            for (int s = 0; s < 3; s++) {
                assertThat(alone.get(0).get(s).logprobs())
                        .containsExactly(together.get(g).get(s).logprobs(), within(1e-4f));
            }
        }
        assertThat(tokens(together.get(0))).doesNotContainSequence(tokens(together.get(1)));
        assertThat(together.stream().flatMap(List::stream).map(Sampler.Completion::truncated))
                .as("some samples must end early for this test to see rows left behind")
                .contains(false);
    }

    /** Alone it is prefilled without a mask, in company with one. */
    @Test
    void givenALongPromptThenItsSamplesAreTheSameAloneAndInCompany() throws Exception {
        Adapter adapter = RandomModel.adapter(model, 4, 7);
        List<Sampler.Group> company = List.of(group(1, 1200), group(2, 1100));

        var together = sample(adapter, company, WARM);

        for (int g = 0; g < company.size(); g++) {
            var alone = sample(adapter, List.of(company.get(g)), WARM).get(0);
            assertThat(tokens(alone)).containsExactlyElementsOf(tokens(together.get(g)));
            for (int s = 0; s < alone.size(); s++) {
                assertThat(alone.get(s).logprobs())
                        .containsExactly(together.get(g).get(s).logprobs(), within(1e-4f));
            }
        }
    }

    @Test
    void givenTemperatureZeroThenTheSeedDoesNotMatter() throws Exception {
        Sampler.Group one = group(1, 6);
        Sampler.Group other = new Sampler.Group(one.prompt(), one.instructions(), 99);
        Sampler.Settings greedy = new Sampler.Settings(0, 12);
        Adapter adapter = RandomModel.adapter(model, 4, 7);

        var first = sample(adapter, List.of(one), greedy);
        var second = sample(adapter, List.of(other), greedy);

        assertThat(tokens(first.get(0))).containsExactlyElementsOf(tokens(second.get(0)));
    }

    @Test
    void givenCompletionsThenOnlyThoseWithoutEndTokenAreTruncated() throws Exception {
        int end = model.tokenizer().id("<|im_end|>");
        var sampled = sample(RandomModel.adapter(model, 4, 7), List.of(group(1, 6), group(2, 6), group(3, 6)), WARM);

        for (Sampler.Completion completion :
                sampled.stream().flatMap(List::stream).toList()) {
            int[] tokens = completion.tokens();
            assertThat(completion.logprobs()).hasSameSizeAs(tokens);
            assertThat(completion.truncated()).isEqualTo(tokens[tokens.length - 1] != end);
            assertThat(tokens.length).isEqualTo(completion.truncated() ? WARM.maxTokens() : tokens.length);
            assertThat(Arrays.stream(tokens).limit(tokens.length - 1L)).doesNotContain(end);
        }
    }

    /** The base's samples again, by a model that names one of their tokens as an end: each is the same up to there. */
    @Test
    void givenAModelThatNamesMoreEndTokensThenEachEndsACompletion() throws Exception {
        List<Sampler.Group> groups = List.of(group(1, 6), group(2, 6), group(3, 6));
        Adapter adapter = RandomModel.adapter(model, 4, 7);
        List<int[]> before = sample(adapter, groups, WARM).stream()
                .flatMap(List::stream)
                .map(Sampler.Completion::tokens)
                .toList();
        int end = model.tokenizer().id("<|im_end|>");
        int other = before.get(0)[before.get(0).length / 2];
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": [" + other + "]}");
        close();
        model = ModelDirectory.open(directory);
        compute = new Compute(1);
        policy = PolicyModel.load(model, compute);
        sampler = new Sampler(policy, compute);

        List<Sampler.Completion> after =
                sample(adapter, groups, WARM).stream().flatMap(List::stream).toList();

        for (int i = 0; i < after.size(); i++) {
            int[] tokens = after.get(i).tokens();
            assertThat(tokens).isEqualTo(Arrays.copyOf(before.get(i), tokens.length));
            int last = tokens[tokens.length - 1];
            assertThat(after.get(i).truncated()).isEqualTo(last != end && last != other);
            assertThat(Arrays.stream(tokens).limit(tokens.length - 1L)).doesNotContain(end, other);
        }
        assertThat(after.get(0).tokens()).endsWith(other);
    }

    @Test
    void givenAnAdapterOfAnotherModelThenItIsRefusedByName() throws Exception {
        ModelDirectory other = RandomModel.create(directory.resolve("other"), RandomModel.full(), 1);
        Adapter foreign = Adapter.initial(other, 4, 8, List.of("q_proj"), 1);
        List<Sampler.Group> groups = List.of(group(1, 6));

        assertThatThrownBy(() -> sample(foreign, groups, WARM))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("adapter");
    }

    @Test
    void givenManyAdaptersThenMemoryHoldsTheLastOnesOnly() throws Exception {
        List<Sampler.Group> groups = List.of(group(1, 4));
        Sampler.Settings brief = new Sampler.Settings(1, 2);
        for (Folding.Mode mode : List.of(Folding.Mode.ALWAYS, Folding.Mode.NEVER)) {
            try (AdaptedWeights few = new AdaptedWeights(policy, new Folding(mode, 3, 0));
                    Sampler own = new Sampler(policy, compute, few)) {
                // Of which rank an adapter is decides how much is kept beside the base.
                own.sample(RandomModel.adapter(model, 4, 99), groups, brief, Compute.Urgency.SAMPLE);
                int before = Scope.openScopes();
                for (int i = 0; i < 30; i++) {
                    own.sample(RandomModel.adapter(model, 4, i), groups, brief, Compute.Urgency.SAMPLE);
                }
                assertThat(Scope.openScopes() - before)
                        .as("beside the first, %s", mode)
                        .isEqualTo(2);
            }
        }
    }
}
