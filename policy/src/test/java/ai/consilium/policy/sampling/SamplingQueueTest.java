package ai.consilium.policy.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.SamplingEngine.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which requests are taken in, wait, and are given up. */
class SamplingQueueTest extends SamplingRig {
    @Test
    void givenARequestThatCannotFitThenItIsRefusedByName() throws Exception {
        Request fits = request(1);
        Request endless = new Request("expert-0", fits.group(), 1, List.of(1, 1, 9999), true);

        assertThatThrownBy(() -> engine.submit(endless))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("keys and values of its 3 samples");
        assertThatThrownBy(() -> engine.submit(Request.of("nobody", fits.group(), new Sampler.Settings(1, 4))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("nobody");
        assertThat(engine.isIdle()).isTrue();
    }

    @Test
    void givenAGroupThatIsGivenUpThenItNeverEndsAndTheOthersDo() throws Exception {
        List<Long> tickets = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tickets.add(engine.submit(request(i)));
        }
        step();
        for (int i = 0; i < 8; i += 2) {
            engine.withdraw(tickets.get(i));
        }
        while (!engine.isIdle()) {
            step();
        }

        assertThat(results.keySet())
                .containsAll(List.of(tickets.get(1), tickets.get(3), tickets.get(5), tickets.get(7)))
                .doesNotContain(tickets.get(6));
    }

    @Test
    void givenAnExpertThatIsForgottenThenItsGroupsEndAndNewOnesAreRefusedUnlessItIsUsedAgain() throws Exception {
        submit(request(0));
        step();
        submit(request(0));
        engine.forget("expert-0");
        finish();
        engine.step(Compute.Urgency.SAMPLE);

        assertThat(results).hasSize(2);
        assertThatThrownBy(() -> engine.submit(request(0)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("no policy for expert expert-0");
        use("expert-0", 1, RandomModel.adapter(model, 4, 20));
        submit(request(0));
        finish();
        assertThat(results).hasSize(3);
    }

    @Test
    void givenARequestThatNeedsAllTheMemoryThenYoungerOnesDoNotKeepItWaiting() throws Exception {
        for (int i = 0; i < 4; i++) {
            submit(request(i));
        }
        Request small = request(1);
        int most = (SLOTS - small.prefixTokens()) / 3 - small.instructionTokens();
        Request large = new Request("expert-1", small.group(), 1, List.of(most, most, most), false);
        long ticket = engine.submit(large);
        submitted.put(ticket, large);
        for (int i = 5; i < 30; i++) {
            submit(request(i));
        }
        while (!results.containsKey(ticket)) {
            step();
        }

        assertThat(results.keySet()).allMatch(ended -> ended <= ticket);
        finish();
    }
}
