package ai.consilium.policy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What rollouts ask of a sampler, made from a seed: prompts of one length with an image, experts that take turns, completions of forced
 * lengths, so that every sampler does the same work whatever it samples.
 *
 * @param requests in the order of submission
 * @param experts by name
 */
public record RolloutWorkload(List<SamplingEngine.Request> requests, SortedMap<String, Adapter> experts) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> TARGETS = LoraTarget.PROJECTIONS;
    private static final double SPREAD_OF_B = 0.02;

    /**
     * Its size.
     *
     * @param promptTokens tokens of a prompt, the image's included
     * @param shortest completion
     * @param longest completion
     * @param rank of the experts' adapters
     */
    public record Size(
            int prompts, int samples, int experts, int promptTokens, int shortest, int longest, int rank, long seed) {}

    /** A workload for a model. */
    public static RolloutWorkload of(ModelDirectory model, Size size) {
        SortedMap<String, Adapter> experts = new TreeMap<>();
        for (int e = 0; e < size.experts(); e++) {
            experts.put("expert-" + e, adapter(model, size.rank(), size.seed() + e));
        }
        Random random = new Random(size.seed());
        List<String> names = List.copyOf(experts.keySet());
        List<SamplingEngine.Request> requests = new ArrayList<>();
        for (int i = 0; i < size.prompts(); i++) {
            EncodedPrompt prompt = prompt(model, size.promptTokens(), random);
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

    private static Adapter adapter(ModelDirectory model, int rank, long seed) {
        Adapter initial = Adapter.initial(model, rank, 2.0 * rank, TARGETS, seed);
        Random random = new Random(~seed);
        SortedMap<String, Adapter.HostTensor> tensors = new TreeMap<>(initial.tensors());
        tensors.replaceAll((name, tensor) -> {
            float[] values = tensor.values().clone();
            for (int i = 0; name.contains("lora_B") && i < values.length; i++) {
                values[i] = (float) (SPREAD_OF_B * random.nextGaussian());
            }
            return new Adapter.HostTensor(tensor.shape(), values);
        });
        return new Adapter(rank, initial.alpha(), TARGETS, tensors);
    }

    private static EncodedPrompt prompt(ModelDirectory model, int length, Random random) {
        QwenConfig config = model.config();
        BufferedImage picture = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32 * 32; i++) {
            picture.setRGB(i % 32, i / 32, random.nextInt(1 << 24));
        }
        ImageProcessor.Pixels pixels = model.images().process(picture, "random picture");
        int merged = pixels.gridT() * pixels.gridH() * pixels.gridW() / (model.mergeSize() * model.mergeSize());
        int[] tokens = new int[length];
        tokens[0] = config.visionStartToken();
        java.util.Arrays.fill(tokens, 1, 1 + merged, config.imageToken());
        tokens[1 + merged] = config.visionEndToken();
        for (int i = 2 + merged; i < length; i++) {
            do {
                tokens[i] = random.nextInt(model.tokenizer().size());
            } while (List.of(config.imageToken(), config.visionStartToken(), config.visionEndToken())
                    .contains(tokens[i]));
        }
        return new EncodedPrompt(tokens, List.of(pixels));
    }

    /** Tokens of all completions. */
    public long tokens() {
        return requests.stream()
                .flatMap(request -> request.limits().stream())
                .mapToLong(Integer::longValue)
                .sum();
    }

    /** What an engine needs that holds all of it at once, one lane an expert. */
    public SamplingEngine.Limits limits() {
        int groups = (requests.size() + experts.size() - 1) / experts.size();
        return new SamplingEngine.Limits(
                experts.size(),
                groups,
                requests.stream()
                                .mapToInt(SamplingEngine.Request::samples)
                                .max()
                                .orElse(1)
                        * groups,
                requests.stream()
                        .mapToInt(SamplingEngine.Request::prefixTokens)
                        .max()
                        .orElse(1),
                requests.stream()
                        .mapToInt(request -> request.instructionTokens() + request.mostTokens())
                        .max()
                        .orElse(1));
    }

    /**
     * Multiplications and additions of the decoder's matrices that the work needs at least: each prefix once, each
     * completion token once.
     */
    public double flops(ModelDirectory model) {
        double perToken = 0;
        for (LoraTarget target : LoraTarget.all(model.config())) {
            perToken += 2.0 * target.in() * target.out();
        }
        double head = 2.0 * model.config().hidden() * model.config().vocabulary();
        double prefixes =
                requests.stream().mapToInt(SamplingEngine.Request::prefixTokens).sum();
        return prefixes * perToken + tokens() * (perToken + head);
    }

    /**
     * Writes it for a peer: workload.json, pixels.safetensors (pixels.N of prompt N, [patches, values], and no other
     * tensors) and a PEFT directory for each expert.
     */
    public void write(Path directory, ModelDirectory model) {
        ObjectNode root = JSON.createObjectNode();
        root.put("image_token", model.config().imageToken());
        SortedMap<String, Adapter.HostTensor> images = new TreeMap<>();
        for (int i = 0; i < requests.size(); i++) {
            SamplingEngine.Request request = requests.get(i);
            ImageProcessor.Pixels pixels = request.group().prompt().images().get(0);
            int width = model.config().vision().patchValues();
            images.put(
                    "pixels." + i,
                    new Adapter.HostTensor(new long[] {pixels.patches().length / width, width}, pixels.patches()));
            ObjectNode prompt = root.withArray("prompts").addObject();
            prompt.put("expert", request.expert());
            prompt.set("grid", JSON.valueToTree(List.of(pixels.gridT(), pixels.gridH(), pixels.gridW())));
            prompt.set("tokens", JSON.valueToTree(request.group().prompt().tokens()));
            prompt.set("lengths", JSON.valueToTree(request.limits()));
        }
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("workload.json"), JSON.writeValueAsString(root));
            Files.write(directory.resolve("pixels.safetensors"), Safetensors.write(images, Map.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String base = model.path().toAbsolutePath().toString();
        String hash = model.hash();
        experts.forEach(
                (name, adapter) -> adapter.writePeft(directory.resolve(name), base, hash, "Random, for a benchmark."));
    }
}
