package ai.consilium.benchmarks.model;

import ai.consilium.cli.memory.RunMemory;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.config.DecoderFlops;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.memory.ActivationMemory;
import ai.consilium.policy.memory.AdapterMemory;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.WeightBytes;
import ai.consilium.policy.training.ActivationCheckpointing;
import ai.consilium.policy.training.LossBatch;
import ai.consilium.policy.training.PolicyLoss;
import ai.consilium.policy.training.Trainer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A batch of groups to learn from, made from a seed: prompts of one length with an image, completions of one length, random
 * advantages.
 *
 * @param adapter that the learner starts from
 */
public record LearnerWorkload(List<Trainer.Group> groups, Adapter adapter) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_COMPARED = 8192;

    /**
     * Its size.
     *
     * @param samples of a group
     * @param promptTokens tokens of a prompt, the image's included
     * @param completionTokens tokens of a completion
     * @param rank of the adapter
     */
    public record Size(int groups, int samples, int promptTokens, int completionTokens, int rank, long seed) {}

    /**
     * How a peer should learn from it.
     *
     * @param clipLow of the clipped surrogate, averaged over tokens
     * @param clipHigh of it
     * @param precision of weights and activations
     */
    public record Recipe(
            double clipLow,
            double clipHigh,
            double learningRate,
            Trainer.Optimiser optimiser,
            Precision precision,
            ActivationCheckpointing checkpointing) {
        /** As a loss. What is learnt from was sampled by the policy itself, so the correction changes nothing. */
        public PolicyLoss loss() {
            return PolicyLoss.dapo(clipLow, clipHigh, new PolicyLoss.Correction.Truncate(PolicyLoss.Bounds.upTo(2)), 0);
        }
    }

    /** A batch for a model; the recorded log-probabilities are zeros. */
    public static LearnerWorkload of(ModelDirectory model, Size size) {
        Random random = new Random(size.seed());
        List<Trainer.Group> groups = new ArrayList<>();
        for (int g = 0; g < size.groups(); g++) {
            EncodedPrompt prompt = RandomInputs.prompt(model, size.promptTokens(), random);
            List<Trainer.Member> members = new ArrayList<>();
            for (int s = 0; s < size.samples(); s++) {
                int[] completion = RandomInputs.words(model, size.completionTokens(), random);
                float[] unknown = new float[completion.length];
                members.add(new Trainer.Member(new int[0], completion, unknown, random.nextGaussian(), false));
            }
            groups.add(new Trainer.Group(prompt, members, 1));
        }
        return new LearnerWorkload(List.copyOf(groups), RandomInputs.adapter(model, size.rank(), size.seed()));
    }

    /** The same with the log-probabilities recorded that the trainer's policy gives, as if it had sampled all of it. */
    public LearnerWorkload sampledBy(Trainer trainer) throws InterruptedException {
        float[] logprobs = trainer.logprobs(groups);
        List<Trainer.Group> recorded = new ArrayList<>();
        int at = 0;
        for (Trainer.Group group : groups) {
            List<Trainer.Member> members = new ArrayList<>();
            for (Trainer.Member member : group.members()) {
                int end = at + member.completion().length;
                float[] own = Arrays.copyOfRange(logprobs, at, end);
                members.add(new Trainer.Member(
                        member.instruction(), member.completion(), own, member.advantage(), member.truncated()));
                at = end;
            }
            recorded.add(new Trainer.Group(group.prompt(), members, group.temperature()));
        }
        return new LearnerWorkload(recorded, adapter);
    }

    /** The largest |difference| of recorded log-probabilities to those of a peer, [completions, tokens]. */
    public double largestDifference(float[] peers) {
        double largest = 0;
        int at = 0;
        for (Trainer.Group group : groups) {
            for (Trainer.Member member : group.members()) {
                for (float own : member.behaviourLogprobs()) {
                    largest = Math.max(largest, Math.abs(own - peers[at++]));
                }
            }
        }
        return largest;
    }

    /** Every prompt with completions of one token, one for each id that is compared with a peer. */
    public LearnerWorkload nextTokens(ModelDirectory model) {
        List<Trainer.Member> members = compared(model)
                .mapToObj(id -> new Trainer.Member(new int[0], new int[] {id}, new float[1], 0, false))
                .toList();
        return new LearnerWorkload(
                groups.stream()
                        .map(group -> new Trainer.Group(group.prompt(), members, 1))
                        .toList(),
                adapter);
    }

    /** Ids that a completion may hold; of a large vocabulary the first. */
    private static IntStream compared(ModelDirectory model) {
        CompletionTokens completions = model.completionTokens();
        return IntStream.range(0, model.config().vocabulary())
                .filter(completions::contains)
                .limit(MOST_COMPARED);
    }

    /** Tokens of all completions. */
    public long tokens() {
        return LossBatch.tokens(groups);
    }

    /** What the learner takes through the model at once. */
    public List<ActivationCheckpointing.Part> parts(ModelDirectory model, Recipe recipe) {
        return recipe.checkpointing().parts(groups, ActivationMemory.of(model, recipe.precision()));
    }

    /** Completions that a learner of such parts takes at once, in whole groups and such that it divides all of them. */
    public int microBatch(List<ActivationCheckpointing.Part> parts) {
        int together = parts.get(0).groups().size();
        while (groups.size() % together != 0) {
            together--;
        }
        return together * groups.get(0).members().size();
    }

    /**
     * Multiplications and additions of the decoder's matrices that a step needs at least: each prefix once, each completion token
     * once, forwards and, as the matrices are frozen, once backwards.
     */
    public double flops(ModelDirectory model) {
        long prefixes = groups.stream()
                .mapToLong(group -> group.prompt().tokens().length)
                .sum();
        return 2 * DecoderFlops.forward(model.config(), prefixes, tokens());
    }

    /** Anonymous bytes at the peak of so many learners that work side by side, by the formulas behind {@code consilium memory}. */
    public long bytes(ModelDirectory model, Recipe recipe, int learners) {
        AdapterMemory memory = new AdapterMemory(model.config(), adapter.rank(), adapter.targets());
        ActivationMemory activations = ActivationMemory.of(model, recipe.precision());
        long part = parts(model, recipe).stream()
                .mapToLong(one -> recipe.checkpointing().needed(one.shape(), activations))
                .max()
                .orElse(0);
        return WeightBytes.of(model, recipe.precision()).copied()
                + RunMemory.heapAndLibraries()
                + learners * (memory.trainedBytes() + memory.gradientBytes(recipe.precision()) + part);
    }

    /**
     * Writes it for a peer: workload.json, pixels.safetensors (pixels.N of group N, [patches, values], and no other tensors) and
     * the PEFT directory {@code adapter}.
     */
    public void write(Path directory, ModelDirectory model, Recipe recipe) {
        ObjectNode root = JSON.createObjectNode();
        List<ActivationCheckpointing.Part> parts = parts(model, recipe);
        root.put("image_token", model.config().imageToken()).put("micro_batch", microBatch(parts));
        root.put("gradient_checkpointing", parts.get(0).checkpointed());
        CompletionTokens completions = model.completionTokens();
        IntStream.range(0, model.config().vocabulary())
                .filter(id -> !completions.contains(id))
                .forEach(root.putArray("suppressed")::add);
        compared(model).forEach(root.putArray("next")::add);
        root.put("samples", groups.get(0).members().size());
        root.put("completion_tokens", groups.get(0).members().get(0).completion().length);
        root.put("learning_rate", recipe.learningRate());
        root.putArray("clip").add(recipe.clipLow()).add(recipe.clipHigh());
        Trainer.Optimiser optimiser = recipe.optimiser();
        root.putObject("optimiser")
                .put("beta1", optimiser.beta1())
                .put("beta2", optimiser.beta2())
                .put("epsilon", optimiser.epsilon())
                .put("weight_decay", optimiser.weightDecay())
                .put("clip_norm", optimiser.clipNorm());
        SortedMap<String, HostTensor> images = new TreeMap<>();
        for (int i = 0; i < groups.size(); i++) {
            Trainer.Group group = groups.get(i);
            images.put("pixels." + i, RandomInputs.pixels(group.prompt(), model.config()));
            ObjectNode one = root.withArray("groups").addObject();
            one.set("grid", JSON.valueToTree(RandomInputs.grid(group.prompt())));
            one.set("prompt", JSON.valueToTree(group.prompt().tokens()));
            for (Trainer.Member member : group.members()) {
                ObjectNode sample = one.withArray("members").addObject();
                sample.put("advantage", member.advantage());
                sample.set("completion", JSON.valueToTree(member.completion()));
            }
        }
        PeerFiles.write(directory, root, images, model, Map.of("adapter", adapter));
    }
}
