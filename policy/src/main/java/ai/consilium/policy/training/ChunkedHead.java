package ai.consilium.policy.training;

import ai.consilium.policy.compute.Interrupts;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.List;

/** The decoder's head over many tokens, of which only a chunk has its logits at a time. On one compute thread. */
final class ChunkedHead {
    private final PolicyModel model;
    private final List<Tensor> weights;
    private final int chunk;

    /** @param chunk tokens at a time */
    ChunkedHead(PolicyModel model, int chunk) {
        this.model = model;
        this.weights = model.weights().decoder();
        this.chunk = chunk;
    }

    /** The loss of a chunk of tokens. */
    interface ChunkLoss {
        /**
         * Computes it.
         *
         * @param hidden [m, hidden]
         * @param from place of the first of them among all tokens
         * @param chunk the batch of these tokens alone
         * @return a scalar: the chunk's share
         */
        Tensor of(Tensor hidden, int from, LossBatch chunk, Scope scope);
    }

    /** Sum of the chunks' losses, and its gradient. @param gradient [M, hidden] */
    record Result(double loss, Tensor gradient) {}

    /** Log-probabilities [M] and entropies [M] of the batch's tokens after hidden states [M, hidden]. */
    List<Tensor> logprobs(Tensor hidden, LossBatch batch, Scope into) throws InterruptedException {
        List<Tensor> logprobs = new ArrayList<>();
        List<Tensor> entropies = new ArrayList<>();
        try (Scope kept = Scope.open()) {
            for (int from = 0; from < batch.at().length; from += chunk) {
                Interrupts.check("training");
                LossBatch tokens = tokens(batch, from);
                try (Scope own = Scope.open()) {
                    int count = tokens.at().length;
                    List<Tensor> found = script().call(
                                    own,
                                    "token_logprobs",
                                    rows(hidden, from, count, own),
                                    range(0, count, own),
                                    own.longs(tokens.targets(), count),
                                    own.floats(tokens.temperature(), count),
                                    weights,
                                    model.suppressed());
                    logprobs.add(kept.adopt(found.get(0)));
                    entropies.add(kept.adopt(found.get(1)));
                }
            }
            return List.of(
                    script().call(into, "joined", logprobs).get(0),
                    script().call(into, "joined", entropies).get(0));
        }
    }

    /** Goes over the tokens once, each chunk with its gradient. */
    Result gradients(Tensor hidden, LossBatch batch, ChunkLoss loss, Scope into) throws InterruptedException {
        double sum = 0;
        List<Tensor> gradients = new ArrayList<>();
        try (Scope kept = Scope.open()) {
            for (int start = 0; start < batch.at().length; start += chunk) {
                Interrupts.check("training");
                int from = start;
                LossBatch tokens = tokens(batch, from);
                try (Scope own = Scope.open()) {
                    Tensor leaf = rows(hidden, from, tokens.at().length, own).requireGradient();
                    List<Tensor> found = TorchRuntime.recorded(() -> {
                        Tensor share = loss.of(leaf, from, tokens, own);
                        return List.of(
                                share,
                                script().call(own, "gradients", share, List.of(leaf))
                                        .get(0));
                    });
                    sum += found.get(0).scalar();
                    gradients.add(kept.adopt(found.get(1)));
                }
            }
            return new Result(sum, script().call(into, "joined", gradients).get(0));
        }
    }

    /** Log-probabilities [m, ids] of what follows hidden states [m, hidden]. */
    Tensor nextTokens(Tensor hidden, LossBatch chunk, Scope scope) {
        int count = chunk.at().length;
        return script().call(
                        scope,
                        "next_tokens",
                        hidden,
                        range(0, count, scope),
                        scope.floats(chunk.temperature(), count),
                        weights,
                        model.suppressed())
                .get(0);
    }

    /** Rows of hidden states [M, hidden]: a copy. */
    Tensor rows(Tensor hidden, int from, int count, Scope scope) {
        return script().call(scope, "rows", hidden, range(from, count, scope)).get(0);
    }

    private LossBatch tokens(LossBatch batch, int from) {
        return batch.tokens(from, Math.min(batch.at().length, from + chunk));
    }

    private static Tensor range(int from, int count, Scope scope) {
        long[] places = new long[count];
        for (int i = 0; i < count; i++) {
            places[i] = (long) from + i;
        }
        return scope.longs(places, count);
    }

    private Script script() {
        return model.script();
    }
}
