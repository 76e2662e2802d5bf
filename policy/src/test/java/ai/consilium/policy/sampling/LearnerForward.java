package ai.consilium.policy.sampling;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.SamplingEngine.Request;
import ai.consilium.policy.sampling.SamplingEngine.Sampled;
import ai.consilium.policy.sampling.SamplingEngine.Span;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The learner's forward over one sample, in parts that may each use another adapter; keys and values of earlier parts stay. */
final class LearnerForward {
    private final PolicyModel policy;
    private final Scope scope;
    private long next;
    private int count;
    private List<Tensor> past;

    /** Reads all of a prompt but its last token. */
    LearnerForward(PolicyModel policy, EncodedPrompt prompt, Adapter adapter, Scope scope) {
        this.policy = policy;
        this.scope = scope;
        PackedBatch batch =
                PackedBatch.of(policy.config(), List.of(new PackedBatch.Group(prompt, List.of(new int[0]))), false);
        DeviceBatch device = DeviceBatch.of(policy, policy.weights(), List.of(prompt), batch, scope);
        past = policy.script()
                .call(
                        scope,
                        "prefixes",
                        device.embedded(),
                        device.valid(),
                        policy.weights().decoder(),
                        lora(adapter),
                        device.turned().cos(),
                        device.turned().sin());
        next = batch.next()[0] - 1;
        count = prompt.tokens().length - 1;
    }

    /**
     * Log-probabilities of a completion, with LoRA beside the weights and nothing shared between samples. A span's tokens are
     * predicted where its adapter read the tokens before them; what was read earlier stays as it was read.
     *
     * @param adapters by hash
     */
    static double[] logprobs(
            PolicyModel policy, Request request, int sample, Sampled sampled, Map<String, Adapter> adapters) {
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
                    policy,
                    request.group().prompt(),
                    adapter(adapters, sampled.spans().get(0)),
                    scope);
            int read = 0;
            for (Span span : sampled.spans()) {
                int until = instruction.length + span.end();
                float[][] logits = forward.read(Arrays.copyOfRange(own, read, until), adapter(adapters, span));
                for (int i = span.start(); i < span.end(); i++) {
                    logprobs[i] = logprob(logits[instruction.length + i - read], completion[i], request.temperature());
                }
                read = until;
            }
        }
        return logprobs;
    }

    private static Adapter adapter(Map<String, Adapter> adapters, Span span) {
        return Objects.requireNonNull(adapters.get(span.hash()));
    }

    private List<Tensor> lora(Adapter adapter) {
        return ResidentAdapter.load(adapter, policy.config(), scope).fused(policy, scope);
    }

    private List<Tensor> cast(List<Tensor> tensors, Precision to) {
        return policy.script().call(scope, "cast", tensors, to.dtype());
    }

    private float[] floats(Tensor tensor) {
        return cast(List.of(tensor), Precision.FP32).get(0).floats();
    }

    /** Logits after each of more tokens, of what a completion may hold. */
    float[][] read(int[] tokens, Adapter adapter) {
        int length = tokens.length;
        long[] ids = new long[length];
        long[] positions = new long[3 * length];
        for (int i = 0; i < length; i++) {
            ids[i] = tokens[i];
            positions[i] = positions[length + i] = positions[2 * length + i] = next + i;
        }
        List<Tensor> w = policy.weights().decoder();
        DeviceBatch.Turned turned = DeviceBatch.turned(policy, scope, positions, 1, length);
        Tensor image = scope.longs(new long[0], 0);
        Tensor embedded = policy.script()
                .call(scope, "embed", scope.longs(ids, 1, length), w, image, List.of())
                .get(0);
        List<Tensor> y = policy.script()
                .call(
                        scope,
                        "samples",
                        embedded,
                        ones(length),
                        ones(count),
                        past,
                        w,
                        lora(adapter),
                        turned.cos(),
                        turned.sin());
        past = joined(past, y.subList(1, y.size()));
        next += length;
        count += length;
        float[] logits = floats(policy.script()
                .call(scope, "logits", y.get(0), w, policy.suppressed())
                .get(0));
        float[][] rows = new float[length][policy.directory().completionTokens().ids()];
        for (int i = 0; i < length; i++) {
            System.arraycopy(logits, i * rows[i].length, rows[i], 0, rows[i].length);
        }
        return rows;
    }

    private Tensor ones(int width) {
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        return scope.floats(ones, 1, width);
    }

    /** Keys and values [1, kv_heads, tokens, head_dim] of both, one list of tokens behind the other. */
    private List<Tensor> joined(List<Tensor> before, List<Tensor> more) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            long[] shape = before.get(i).shape();
            int heads = (int) shape[1];
            int dim = (int) shape[3];
            float[] a = floats(before.get(i));
            float[] b = floats(more.get(i));
            float[] both = new float[a.length + b.length];
            int perHeadA = a.length / heads;
            int perHeadB = b.length / heads;
            for (int h = 0; h < heads; h++) {
                System.arraycopy(a, h * perHeadA, both, h * (perHeadA + perHeadB), perHeadA);
                System.arraycopy(b, h * perHeadB, both, h * (perHeadA + perHeadB) + perHeadA, perHeadB);
            }
            all.add(scope.floats(both, 1, heads, (perHeadA + perHeadB) / dim, dim));
        }
        return cast(all, policy.precision());
    }

    static double logprob(float[] logits, int token, double temperature) {
        double most = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit / temperature);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit / temperature - most);
        }
        return logits[token] / temperature - most - Math.log(sum);
    }
}
