package ai.consilium.benchmarks.model;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.config.DecoderFlops;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.SamplingEngine;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What rollouts ask of a sampler, made from a seed: prompts of one length, experts that take turns, completions of forced
 * lengths, so that every sampler does the same work whatever it samples.
 *
 * @param requests in the order of submission
 * @param experts by name
 */
public record RolloutWorkload(List<SamplingEngine.Request> requests, SortedMap<String, Adapter> experts) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Its size.
     *
     * @param promptTokens tokens of a prompt, the image's included
     * @param images whether a prompt has one
     * @param shortest completion
     * @param longest completion
     * @param rank of the experts' adapters
     */
    public record Size(
            int prompts,
            int samples,
            int experts,
            int promptTokens,
            boolean images,
            int shortest,
            int longest,
            int rank,
            long seed) {}

    /** A workload for a model. */
    public static RolloutWorkload of(ModelDirectory model, Size size) {
        SortedMap<String, Adapter> experts = new TreeMap<>();
        for (int e = 0; e < size.experts(); e++) {
            experts.put("expert-" + e, RandomInputs.adapter(model, size.rank(), size.seed() + e));
        }
        Random random = new Random(size.seed());
        List<String> names = List.copyOf(experts.keySet());
        List<SamplingEngine.Request> requests = new ArrayList<>();
        for (int i = 0; i < size.prompts(); i++) {
            EncodedPrompt prompt = size.images()
                    ? RandomInputs.prompt(model, size.promptTokens(), random)
                    : new EncodedPrompt(RandomInputs.words(model, size.promptTokens(), random), List.of());
            List<Integer> lengths = IntStream.range(0, size.samples())
                    .mapToObj(s -> size.shortest() + random.nextInt(size.longest() - size.shortest() + 1))
                    .toList();
            List<int[]> instructions = Collections.nCopies(size.samples(), new int[0]);
            requests.add(new SamplingEngine.Request(
                    names.get(i % names.size()),
                    new Sampler.Group(prompt, instructions, random.nextLong()),
                    1.0,
                    lengths,
                    false));
        }
        return new RolloutWorkload(List.copyOf(requests), experts);
    }

    /** Tokens of all completions. */
    public long tokens() {
        return requests.stream()
                .flatMap(request -> request.limits().stream())
                .mapToLong(Integer::longValue)
                .sum();
    }

    /** An engine that holds all of it at once, one batch an expert. */
    public static SamplingEngine.Limits limits() {
        return new SamplingEngine.Limits(Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * Multiplications and additions of the decoder's matrices that the work needs at least: each prefix once, each
     * completion token once.
     */
    public double flops(ModelDirectory model) {
        long prefixes = requests.stream()
                .mapToLong(SamplingEngine.Request::prefixTokens)
                .sum();
        return DecoderFlops.forward(model.config(), prefixes, tokens());
    }

    /**
     * Writes it for a peer: workload.json, pixels.safetensors (pixels.N of prompt N with an image, [patches, values], and no
     * other tensors) and a PEFT directory for each expert.
     */
    public void write(Path directory, ModelDirectory model) {
        ObjectNode root = JSON.createObjectNode();
        root.put("image_token", model.config().imageToken());
        SortedMap<String, HostTensor> images = new TreeMap<>();
        for (int i = 0; i < requests.size(); i++) {
            SamplingEngine.Request request = requests.get(i);
            EncodedPrompt encoded = request.group().prompt();
            ObjectNode prompt = root.withArray("prompts").addObject();
            prompt.put("expert", request.expert());
            if (!encoded.images().isEmpty()) {
                images.put("pixels." + i, RandomInputs.pixels(encoded, model.config()));
                prompt.set("grid", JSON.valueToTree(RandomInputs.grid(encoded)));
            }
            prompt.set("tokens", JSON.valueToTree(encoded.tokens()));
            prompt.set("lengths", JSON.valueToTree(request.limits()));
        }
        PeerFiles.write(directory, root, images, model, experts);
    }
}
