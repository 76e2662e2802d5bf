package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.FoldedBase;
import ai.consilium.policy.adapter.MergedDirectory;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.torch.Scope;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** An agent folded into the base against the same agent beside it: an expert on either says the same. */
class FoldedBaseTest extends TrainerRig {
    @Test
    void givenAnExpertOverAFoldedAgentThenItSaysWhatBothSayBesideTheBase() throws Exception {
        Adapter agent = RandomModel.adapter(model, 8, 21);
        Adapter expert = of(RandomModel.adapter(model, 4, 22), "mlp");
        List<Trainer.Group> groups = sampled(agent.beside(expert), 1);

        float[] beside = logprobs(policy, expert.beside(agent), groups);
        try (FoldedBase folded = FoldedBase.of(policy, agent)) {
            assertThat(logprobs(folded.model(), expert, groups)).containsExactly(beside, within(2e-5f));
            assertThat(logprobs(policy, expert, groups)).isNotEqualTo(beside);
        }
        assertThat(expert.beside(agent).rank()).isEqualTo(12);
        assertThat(beside)
                .as("whose factors come first does not matter")
                .containsExactly(logprobs(policy, agent.beside(expert), groups), within(2e-5f));
    }

    @Test
    void givenAnExpertThatHasLearntNothingThenTheFoldedBaseIsTheAgentToTheBitWhereverItIsFolded() throws Exception {
        Adapter agent = RandomModel.adapter(model, 8, 21);
        Adapter fresh = Adapter.initial(model, 4, 8, List.of("q_proj", "down_proj"), 5);
        List<Trainer.Group> groups = sampled(agent, 1);
        MergedDirectory.write(model, agent, directory.resolve("folded"), "card");

        try (FoldedBase folded = FoldedBase.of(policy, agent);
                FoldedBase again = FoldedBase.of(policy, agent);
                FoldedBase other = FoldedBase.of(policy, RandomModel.adapter(model, 8, 23));
                PolicyModel written = PolicyModel.load(ModelDirectory.open(directory.resolve("folded")), compute)) {
            assertThat(folded.hash()).isEqualTo(again.hash()).isNotEqualTo(other.hash());
            assertThat(logprobs(folded.model(), fresh, groups))
                    .as("what export --fold writes is what a round trains on")
                    .containsExactly(logprobs(written, fresh, groups));
        }
    }

    @Test
    void givenABriefBaseThenTheSumsAreRoundedOnceAndTheirHashIsThatOfFloat32() throws Exception {
        Adapter agent = RandomModel.adapter(model, 8, 21);
        try (PolicyModel brief = PolicyModel.load(model, compute, Precision.BF16);
                FoldedBase folded = FoldedBase.of(brief, agent);
                FoldedBase exact = FoldedBase.of(policy, agent)) {
            assertThat(folded.hash()).isEqualTo(exact.hash());
            assertThat(folded.model().precision()).isEqualTo(Precision.BF16);
        }
    }

    @Test
    void givenAFoldedBaseThatIsClosedThenTheModelGoesOnAndNothingIsLeft() throws Exception {
        Adapter agent = RandomModel.adapter(model, 8, 21);
        List<Trainer.Group> groups = sampled(agent, 1);
        float[] before = logprobs(policy, agent, groups);
        int scopes = Scope.openScopes();

        FoldedBase.of(policy, agent).close();

        assertThat(Scope.openScopes()).isEqualTo(scopes);
        assertThat(logprobs(policy, agent, groups)).containsExactly(before);
    }

    private float[] logprobs(PolicyModel of, Adapter adapter, List<Trainer.Group> groups) throws Exception {
        try (Trainer trainer = new Trainer(of, compute, adapter, RandomModel.OPTIMISER)) {
            return trainer.logprobs(groups);
        }
    }

    /** Only of some modules, and at another scale. */
    private static Adapter of(Adapter adapter, String modules) {
        SortedMap<String, HostTensor> tensors = new TreeMap<>();
        for (Map.Entry<String, HostTensor> tensor : adapter.tensors().entrySet()) {
            if (tensor.getKey().contains(modules)) {
                tensors.put(tensor.getKey(), tensor.getValue());
            }
        }
        return new Adapter(adapter.rank(), 3.0 * adapter.rank(), List.of("gate_proj", "up_proj", "down_proj"), tensors);
    }
}
