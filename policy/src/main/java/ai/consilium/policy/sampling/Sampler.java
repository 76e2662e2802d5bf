package ai.consilium.policy.sampling;

import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.PolicyModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Samples groups: the common prefix is encoded once and its keys and values are shared by the group's samples. Noise depends only on (group seed, sample index, position).
 */
public final class Sampler implements AutoCloseable {
    private static final SamplingEngine.Policy UNNAMED = new SamplingEngine.Policy(0, "", null);

    private final PolicyModel model;
    private final Compute compute;
    private final AdaptedWeights weights;
    private final boolean own;

    /**
     * One group to sample.
     *
     * @param prompt common prefix
     * @param instructions tokens that each sample adds to the prefix, in sample order; the length is G
     * @param seed group seed
     */
    public record Group(EncodedPrompt prompt, List<int[]> instructions, long seed) {}

    /**
     * How to sample.
     *
     * @param temperature 0 decodes greedily
     * @param maxTokens longest completion
     */
    public record Settings(double temperature, int maxTokens) {
        /** Checks the range. */
        public Settings {
            if (!(temperature >= 0) || maxTokens < 1) {
                throw new IllegalArgumentException("temperature must not be negative and max_tokens at least 1");
            }
        }
    }

    /**
     * One completion.
     *
     * @param tokens ids, the end token included when it was sampled
     * @param logprobs of the sampled (tempered) distribution; of the untempered one when greedy
     * @param truncated cut at the limit
     */
    public record Completion(int[] tokens, float[] logprobs, boolean truncated) {}

    /** A sampler over a base model that folds every adapter. */
    public Sampler(PolicyModel model, Compute compute) {
        this(model, compute, new AdaptedWeights(model, Folding.ALWAYS), true);
    }

    /** A sampler over a base model. @param weights shared with others; the caller closes them */
    public Sampler(PolicyModel model, Compute compute, AdaptedWeights weights) {
        this(model, compute, weights, false);
    }

    private Sampler(PolicyModel model, Compute compute, AdaptedWeights weights, boolean own) {
        this.model = model;
        this.compute = compute;
        this.weights = weights;
        this.own = own;
    }

    /**
     * Samples every member of every group with one adapter, as one batch.
     *
     * @param adapter null samples the base
     * @return completions by group, then sample
     */
    public List<List<Completion>> sample(
            @Nullable Adapter adapter, List<Group> groups, Settings settings, Compute.Urgency urgency)
            throws InterruptedException {
        if (groups.stream().allMatch(group -> group.instructions().isEmpty())) {
            return groups.stream().map(group -> List.<Completion>of()).toList();
        }
        return compute.call(urgency, () -> {
            List<DecodeBatch.Ticket> tickets = new ArrayList<>();
            for (Group group : groups) {
                if (!group.instructions().isEmpty()) {
                    tickets.add(new DecodeBatch.Ticket(tickets.size(), SamplingEngine.Request.of("", group, settings)));
                }
            }
            try (AdaptedWeights.Lease lease = weights.lend(adapter);
                    DecodeBatch batch = new DecodeBatch(model)) {
                // All are admitted at once, into just what they need.
                batch.resize(CacheSize.of(
                        tickets.stream().map(DecodeBatch.Ticket::request).toList()));
                batch.admit(tickets, new DecodeBatch.Decoder(lease, UNNAMED));
                while (!batch.isEmpty()) {
                    batch.decode(new DecodeBatch.Decoder(lease, UNNAMED));
                }
                return inOrder(groups, batch.finished());
            }
        });
    }

    private static List<List<Completion>> inOrder(List<Group> groups, List<SamplingEngine.Finished> finished) {
        List<SamplingEngine.Finished> sorted = finished.stream()
                .sorted(Comparator.comparingLong(SamplingEngine.Finished::ticket))
                .toList();
        List<List<Completion>> completions = new ArrayList<>();
        int next = 0;
        for (Group group : groups) {
            completions.add(
                    group.instructions().isEmpty()
                            ? List.of()
                            : sorted.get(next++).samples().stream()
                                    .map(SamplingEngine.Sampled::completion)
                                    .toList());
        }
        return completions;
    }

    @Override
    public void close() {
        if (own) {
            weights.close();
        }
    }
}
