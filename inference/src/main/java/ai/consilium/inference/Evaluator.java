package ai.consilium.inference;

import ai.consilium.cases.Case;
import ai.consilium.policy.Adapter;
import ai.consilium.policy.PolicyModel;
import ai.consilium.policy.Sampler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Greedy decoding, strict extraction: the headline figure of a policy (ALGORITHMS section 7). */
public final class Evaluator {
    /** Per case, in the order given: whether the answer was right. @param id case @param correct right */
    public record Verdict(String id, boolean correct) {}

    /** Over a model. @param maxTokens longest completion */
    public Evaluator(PolicyModel model, Sampler sampler, PromptEncoder encoder, int maxTokens) {
        throw new UnsupportedOperationException("stub");
    }

    /** Answers cases of one file without a perspective's instruction. @param adapter null evaluates the base */
    public List<Verdict> evaluate(@Nullable Adapter adapter, String file, List<Case> cases)
            throws InterruptedException {
        throw new UnsupportedOperationException("stub");
    }
}
