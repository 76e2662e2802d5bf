package ai.consilium.merger.merge;

/** How experts become one agent. All work on their updates ΔW, one weight at a time, never on A and B apart. */
public sealed interface MergeMethod {
    /** Σ w τ / Σ w, τ being what an expert learnt beyond the shared start. */
    record Average() implements MergeMethod {}

    /** Σ w τ (Ilharco et al., 2212.04089). */
    record TaskArithmetic() implements MergeMethod {}

    /** Entry by entry: TIES, and DARE before it. */
    record Entries(EntryRule rule) implements MergeMethod {}

    /**
     * RegMean (Jin et al., 2212.09849): the update whose outputs, over what each expert's linear maps are given on its own
     * cases, are nearest to those of the experts. In closed form: Σ ΔW_s (G_s + (ε/S) I) (Σ G_s + ε I)⁻¹.
     *
     * @param epsilon ε as a share of the mean diagonal entry of Σ G
     */
    record RegMean(double epsilon) implements MergeMethod {}

    static MergeMethod ties(double density) {
        return new Entries(new EntryRule.Ties(density));
    }

    static MergeMethod dareTies(double density, long seed) {
        return new Entries(new EntryRule.DareTies(density, seed));
    }
}
