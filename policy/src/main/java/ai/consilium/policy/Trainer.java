package ai.consilium.policy;

import java.util.List;
import java.util.Map;

/**
 * Trains one adapter over the shared base: supervised steps and policy-gradient steps with AdamW. All of its state
 * (adapter, moments, step) can be taken out and put back bit for bit. One caller at a time.
 */
public final class Trainer implements AutoCloseable {
    /** AdamW (Loshchilov &amp; Hutter, 1711.05101) with global-norm clipping. */
    public record Optimiser(double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {}

    /** One supervised example: prompt, instruction, and the completion that carries the loss. */
    public record Example(EncodedPrompt prompt, int[] instruction, int[] completion) {}

    /**
     * One member of a group.
     *
     * @param instruction tokens after the common prefix, without loss
     * @param completion sampled tokens
     * @param behaviourLogprobs recorded when sampled
     * @param advantage of the whole completion
     * @param truncated leaves the loss
     */
    public record Member(
            int[] instruction, int[] completion, float[] behaviourLogprobs, double advantage, boolean truncated) {}

    /** A group over one common prefix. @param temperature that the log-probabilities were recorded at */
    public record Group(EncodedPrompt prompt, List<Member> members, double temperature) {}

    /** Clipped surrogate of DAPO (2503.14476): token mean over the batch. */
    public record Loss(double clipEpsLow, double clipEpsHigh) {}

    /** Moments and step beside the adapter: with it, everything that the next step depends on. */
    public record State(Adapter adapter, Map<String, Adapter.HostTensor> moments, long step) {}

    /** Starts from an adapter with zero moments. */
    public Trainer(PolicyModel model, Compute compute, Adapter initial, Optimiser optimiser) {
        throw new UnsupportedOperationException("stub");
    }

    /** One supervised step (ALGORITHMS section 2). @return figures: loss, grad_norm, tokens */
    public Map<String, Double> superviseStep(List<Example> batch, double learningRate) throws InterruptedException {
        throw new UnsupportedOperationException("stub");
    }

    /**
     * One policy-gradient step (ALGORITHMS section 5).
     *
     * @return figures: pg_loss, entropy, clip_fraction_low, clip_fraction_high, grad_norm, max_dlogp, ratio_mean, tokens
     */
    public Map<String, Double> policyStep(List<Group> batch, Loss loss, double learningRate)
            throws InterruptedException {
        throw new UnsupportedOperationException("stub");
    }

    /** The adapter as it is now. */
    public Adapter adapter() {
        throw new UnsupportedOperationException("stub");
    }

    /** Everything, for a checkpoint. */
    public State state() {
        throw new UnsupportedOperationException("stub");
    }

    /** Puts a checkpoint back. */
    public void restore(State state) {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public void close() {}
}
