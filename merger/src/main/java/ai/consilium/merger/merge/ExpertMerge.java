package ai.consilium.merger.merge;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Merges adapters on their weight updates ΔW = (alpha / rank) · B · A, one weight at a time, never on A and B apart: the
 * product of two sums would add cross terms that no expert learnt. Runs on a compute thread.
 *
 * @param agents by the factor λ on what was learnt beyond the shared start
 * @param conflict between the experts, weight by weight
 */
public record ExpertMerge(SortedMap<Double, Agent> agents, ConflictReport conflict) {
    /** Truncation is weighted by inputs as RegMean regularises them. */
    private static final double EPSILON = 1e-4;

    /**
     * What is merged. Ranks, alphas and targets may differ.
     *
     * @param experts over the same base
     * @param weights one per expert, none negative, not all 0; an expert of weight 0 has no part
     * @param shared what all experts started from, or null for the base
     */
    public record Parents(
            List<Adapter> experts,
            double[] weights,
            @Nullable Adapter shared) {
        /** Checks the weights. */
        public Parents {
            if (experts.isEmpty() || experts.size() != weights.length) {
                throw new IllegalArgumentException(
                        "%d experts with %d weights".formatted(experts.size(), weights.length));
            }
            if (Arrays.stream(weights).anyMatch(weight -> !(weight >= 0))
                    || !(Arrays.stream(weights).sum() > 0)) {
                throw new IllegalArgumentException(
                        "weights of the experts must not be negative, and not all 0: " + Arrays.toString(weights));
            }
        }

        /** The experts that have a part, by their place among all. */
        public List<Integer> taking() {
            return IntStream.range(0, weights.length)
                    .filter(i -> weights[i] > 0)
                    .boxed()
                    .toList();
        }

        List<String> targets() {
            return experts.stream()
                    .flatMap(expert -> expert.targets().stream())
                    .distinct()
                    .toList();
        }
    }

    /**
     * An adapter made of the merge.
     *
     * @param adapter scale 1 (alpha = rank)
     * @param relativeError of the truncation, mean over the weights
     */
    public record Agent(Adapter adapter, double relativeError) {}

    /**
     * Merges experts.
     *
     * @param lambdas for which to make an agent
     * @param rank most of an agent; a lower rank than the exact one is truncated
     * @param activations of the experts; null where the method needs none, and then truncation is unweighted
     * @throws IllegalArgumentException when they do not fit together, naming the weight
     */
    public static ExpertMerge of(
            Parents parents, MergeMethod method, List<Double> lambdas, int rank, @Nullable Activations activations) {
        SortedMap<Double, AgentBuilder> agents = new TreeMap<>();
        lambdas.forEach(lambda -> agents.put(lambda, new AgentBuilder(parents.targets())));
        List<ConflictReport.Weight> conflicts = new ArrayList<>();
        // A weight at a time: the factors of all of a large model would not fit beside those of its experts.
        forEach(parents, method, rank, activations, (module, weight) -> {
            conflicts.add(new ConflictReport.Weight(module, weight.conflict(), weight.interference()));
            agents.forEach((lambda, agent) -> agent.add(module, weight.at(lambda, rank)));
        });
        SortedMap<Double, Agent> built = new TreeMap<>();
        agents.forEach((lambda, agent) -> built.put(lambda, agent.build()));
        return new ExpertMerge(built, new ConflictReport(conflicts));
    }

    /** Merges weight by weight, layer by layer. */
    static void forEach(
            Parents parents,
            MergeMethod method,
            int rank,
            @Nullable Activations activations,
            BiConsumer<String, MergedWeight> merged) {
        try (Linalg linalg = new Linalg()) {
            ModuleName before = null;
            for (String module : inLayerOrder(parents.experts())) {
                ModuleName name = ModuleName.of(module);
                if (before != null && !name.sharesInputs(before)) {
                    // Before the next ones are made, which take as much memory.
                    linalg.release();
                }
                before = name;
                try (Scope scope = Scope.open()) {
                    Updates updates = Updates.of(parents, module);
                    List<Tensor> inputs = activations == null ? List.of() : updates.present(activations.of(module));
                    merged.accept(module, new WeightMerge(linalg, method, rank, scope).merge(module, updates, inputs));
                }
            }
        }
    }

    /** The agent of a λ that was asked for. */
    public Agent agent(double lambda) {
        return Objects.requireNonNull(agents.get(lambda));
    }

    private static List<String> inLayerOrder(List<Adapter> experts) {
        return experts.stream()
                .flatMap(expert -> Factors.modules(expert).stream())
                .distinct()
                .sorted(Comparator.comparing(ModuleName::of, ModuleName.LAYER_BY_LAYER))
                .toList();
    }

    /**
     * What experts of some weight do to one weight of the model.
     *
     * @param experts their updates, zero where they do not touch it
     * @param weights of these
     * @param taking which of all parents they are
     */
    record Updates(List<Factors> experts, double[] weights, Optional<Factors> shared, List<Integer> taking) {
        static Updates of(Parents parents, String module) {
            List<Integer> taking = parents.taking();
            List<Optional<Factors>> found = taking.stream()
                    .map(i -> in(parents.experts().get(i), module))
                    .toList();
            Optional<Factors> shared = parents.shared() == null ? Optional.empty() : in(parents.shared(), module);
            Factors some = found.stream()
                    .flatMap(Optional::stream)
                    .findFirst()
                    .or(() -> shared)
                    .orElseGet(() -> in(parents.experts(), module));
            List<Factors> experts =
                    found.stream().map(one -> one.orElseGet(some::zero)).toList();
            for (Factors expert : experts) {
                if (!expert.hasShapeOf(some) || !shared.map(some::hasShapeOf).orElse(true)) {
                    throw new IllegalArgumentException("experts disagree on the shape of " + module);
                }
            }
            return new Updates(
                    experts,
                    taking.stream().mapToDouble(i -> parents.weights()[i]).toArray(),
                    shared,
                    taking);
        }

        private static Optional<Factors> in(Adapter adapter, String module) {
            return adapter.tensors().containsKey(module + Factors.A)
                    ? Optional.of(Factors.of(adapter, module))
                    : Optional.empty();
        }

        private static Factors in(List<Adapter> adapters, String module) {
            return adapters.stream()
                    .flatMap(adapter -> in(adapter, module).stream())
                    .findFirst()
                    .orElseThrow()
                    .zero();
        }

        /** Of the parents' own, those of the experts that take part. */
        List<Tensor> present(List<Tensor> all) {
            return taking.stream().map(all::get).toList();
        }

        /** What each learnt beyond the shared start. */
        List<Factors> learnt() {
            return experts.stream()
                    .map(expert -> shared.map(start -> Factors.sum(List.of(expert, start.times(-1))))
                            .orElse(expert))
                    .toList();
        }
    }

    static double epsilonOf(MergeMethod method) {
        return method instanceof MergeMethod.RegMean regMean ? regMean.epsilon() : EPSILON;
    }
}
