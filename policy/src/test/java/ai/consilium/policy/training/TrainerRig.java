package ai.consilium.policy.training;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.Sampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A random small model, an adapter, and batches that were really sampled. */
@Timeout(300)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
public abstract class TrainerRig {
    static final PolicyLoss.Correction TRUNCATE = new PolicyLoss.Correction.Truncate(PolicyLoss.Bounds.upTo(2));
    public static final PolicyLoss DAPO = PolicyLoss.dapo(0.2, 0.28, TRUNCATE, 0);

    public static final Optional<Adapter> NONE = Optional.empty();

    @TempDir
    Path directory;

    ModelDirectory model;
    Compute compute;
    PolicyModel policy;
    Sampler sampler;
    Adapter adapter;

    @BeforeEach
    void load() throws IOException {
        model = RandomModel.create(directory, shape(), 3);
        compute = new Compute(1);
        policy = PolicyModel.load(model, compute);
        sampler = new Sampler(policy, compute);
        adapter = RandomModel.adapter(model, 4, 7);
    }

    QwenConfig shape() {
        return RandomModel.small();
    }

    @AfterEach
    void close() {
        sampler.close();
        policy.close();
        compute.close();
    }

    Trainer trainer() {
        return new Trainer(policy, compute, adapter, RandomModel.OPTIMISER);
    }

    /** Groups as they come from the sampler; the first sample of each has no instruction. */
    List<Trainer.Group> sampled(Adapter from, double temperature) throws IOException, InterruptedException {
        return sampled(sampler, from, temperature);
    }

    List<Trainer.Group> sampled(Sampler by, Adapter from, double temperature) throws IOException, InterruptedException {
        List<Sampler.Group> groups = new ArrayList<>();
        for (int g = 0; g < 3; g++) {
            Random random = new Random(g);
            groups.add(new Sampler.Group(
                    RandomModel.prompt(model, directory, 4 + 3 * g, g),
                    List.of(
                            new int[0],
                            RandomModel.words(model.config(), 3, random),
                            RandomModel.words(model.config(), 6, random)),
                    g));
        }
        var completions = by.sample(from, groups, new Sampler.Settings(temperature, 24), Compute.Urgency.SAMPLE);
        List<Trainer.Group> batch = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            List<Trainer.Member> members = new ArrayList<>();
            for (int s = 0; s < 3; s++) {
                Sampler.Completion completion = completions.get(g).get(s);
                members.add(new Trainer.Member(
                        groups.get(g).instructions().get(s),
                        completion.tokens(),
                        completion.logprobs(),
                        1.0 - s + 0.1 * g,
                        false,
                        true));
            }
            batch.add(new Trainer.Group(groups.get(g).prompt(), members, temperature));
        }
        return batch;
    }

    static double figure(Map<String, Double> figures, String name) {
        return figures.getOrDefault(name, Double.NaN);
    }

    /** The same completions with another advantage, all of them truncated or none. */
    static List<Trainer.Group> with(List<Trainer.Group> batch, double advantage, boolean truncated) {
        return batch.stream()
                .map(group -> new Trainer.Group(
                        group.prompt(),
                        group.members().stream()
                                .map(m -> new Trainer.Member(
                                        m.instruction(), m.completion(), m.behaviourLogprobs(), advantage, truncated))
                                .toList(),
                        group.temperature()))
                .toList();
    }
}
