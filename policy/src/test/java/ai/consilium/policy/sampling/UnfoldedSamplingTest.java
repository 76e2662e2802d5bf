package ai.consilium.policy.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.sampling.SamplingEngine.Sampled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The same with adapters beside the shared base: their swaps in the middle of completions, both precisions, company. */
class UnfoldedSamplingTest extends SamplingEngineTest {
    private static final Folding NEVER = new Folding(Folding.Mode.NEVER, 3, 0);

    private Folding folding = NEVER;

    @Override
    Folding folding() {
        return folding;
    }

    @Test
    void givenTheSameRequestsThenFoldedAndUnfoldedAgreeWithinRounding() throws Exception {
        Map<Integer, List<Sampled>> beside = sampled();
        assertThat(weights.folded()).isFalse();
        stop();
        folding = Folding.ALWAYS;
        start(Precision.FP32);
        assertThat(weights.folded()).isTrue();

        Map<Integer, List<Sampled>> folded = sampled();

        int compared = 0;
        int tokens = 0;
        double worst = 0;
        for (int i = 0; i < beside.size(); i++) {
            for (int s = 0; s < 3; s++) {
                Sampler.Completion one = found(beside, i).get(s).completion();
                Sampler.Completion other = found(folded, i).get(s).completion();
                tokens += one.tokens().length;
                // A draw that falls between two tokens may go either way; what follows is then another completion.
                int length = Math.min(one.tokens().length, other.tokens().length);
                for (int t = 0; t < length && one.tokens()[t] == other.tokens()[t]; t++) {
                    worst = Math.max(worst, Math.abs(one.logprobs()[t] - other.logprobs()[t]));
                    compared++;
                }
            }
        }
        System.out.printf("%d of %d tokens alike, largest difference %.1e%n", compared, tokens, worst);
        assertThat(compared).isGreaterThan(tokens * 9 / 10);
        assertThat(worst).isLessThanOrEqualTo(1e-5);
    }

    private Map<Integer, List<Sampled>> sampled() throws Exception {
        submitted.clear();
        results.clear();
        List<Long> tickets = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            SamplingEngine.Request request = request(i);
            long ticket = engine.submit(request);
            submitted.put(ticket, request);
            tickets.add(ticket);
        }
        finish();
        Map<Integer, List<Sampled>> byRequest = new HashMap<>();
        for (int i = 0; i < tickets.size(); i++) {
            byRequest.put(i, found(results, tickets.get(i)));
        }
        return byRequest;
    }
}
