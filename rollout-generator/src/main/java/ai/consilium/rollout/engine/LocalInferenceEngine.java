package ai.consilium.rollout.engine;

import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.inference.prompt.PromptEncoder.Encoded;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.Sampler.Group;
import ai.consilium.schemas.Sampling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The engine of this process: the policy's own sampler. */
public final class LocalInferenceEngine implements InferenceEngine {
    private final PromptEncoder encoder;
    private final Sampler sampler;

    private record Encodings(Group group, List<String> promptHashes) implements Prepared {}

    /**
     * Over a model.
     *
     * @param encoder of the sampler's model
     * @param sampler the caller closes it
     */
    public LocalInferenceEngine(PromptEncoder encoder, Sampler sampler) {
        this.encoder = encoder;
        this.sampler = sampler;
    }

    @Override
    public Prepared prepare(GroupText text) {
        Map<String, Encoded> byInstruction = new HashMap<>();
        List<Encoded> samples = text.instructions().stream()
                .map(instruction -> byInstruction.computeIfAbsent(
                        instruction, i -> encoder.encode(text.name(), text.prefix(), i, text.images())))
                .toList();
        List<int[]> instructions = samples.stream().map(Encoded::instruction).toList();
        return new Encodings(
                new Group(samples.get(0).prefix(), instructions, text.seed()),
                samples.stream().map(Encoded::hash).toList());
    }

    @Override
    public List<List<Completion>> sample(AdapterVersion adapter, List<Prepared> groups, Sampling sampling)
            throws InterruptedException {
        Sampler.Settings settings = new Sampler.Settings(sampling.getTemperature(), sampling.getMaxCompletionTokens());
        List<Group> encoded =
                groups.stream().map(group -> ((Encodings) group).group()).toList();
        return sampler.sample(adapter.adapter(), encoded, settings, Urgency.SAMPLE).stream()
                .map(samples -> samples.stream().map(this::completion).toList())
                .toList();
    }

    private Completion completion(Sampler.Completion sample) {
        return new Completion(sample.tokens(), sample.logprobs(), encoder.text(sample.tokens()), sample.truncated());
    }
}
