package ai.consilium.policy.exchange;

import java.util.List;

/**
 * What a part of a policy-gradient step gives, as it is sent to who trains.
 *
 * @param loss the part's share of the batch's
 * @param sums the part's figures (that the objective adds up)
 * @param gradients of the adapter's leaves in their order, each row-major
 */
public record PartGradient(double loss, double[] sums, List<float[]> gradients) {
    /** Copies the lists' frames, not what they hold. */
    public PartGradient {
        gradients = List.copyOf(gradients);
    }
}
