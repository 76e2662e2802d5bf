package ai.consilium.policy.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.SamplingEngine.Request;
import ai.consilium.policy.sampling.SamplingEngine.Sampled;
import ai.consilium.policy.sampling.SamplingEngine.Span;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the engine samples, and which adapter it says that sampled it. */
class SamplingEngineTest extends SamplingRig {
    @Test
    void givenMixedExpertsAndLengthsThenRecordedLogProbabilitiesAreTheLearners() throws Exception {
        for (int i = 0; i < 14; i++) {
            submit(request(i));
        }
        finish();

        double worst = 0;
        for (var entry : results.entrySet()) {
            worst = Math.max(worst, worstDifference(found(submitted, entry.getKey()), entry.getValue()));
        }
        System.out.printf("largest difference of log-probabilities: %.1e%n", worst);
        assertThat(worst).isLessThanOrEqualTo(1e-4);
    }

    @Test
    void givenBf16ThenRecordedLogProbabilitiesAreNearTheLearners() throws Exception {
        stop();
        start(Precision.BF16);
        for (int i = 0; i < 6; i++) {
            submit(request(i));
        }
        finish();

        double worst = 0;
        for (var entry : results.entrySet()) {
            worst = Math.max(worst, worstDifference(found(submitted, entry.getKey()), entry.getValue()));
        }
        System.out.printf("bf16: largest difference of log-probabilities: %.1e%n", worst);
        assertThat(worst).isLessThanOrEqualTo(3e-2);
    }

    @Test
    void givenASwapInTheMiddleThenEachPositionIsOfTheAdapterThatItsSpanNames() throws Exception {
        for (int i = 1; i < 6; i++) {
            submit(request(i));
        }
        stepEach();
        use("expert-1", 100, RandomModel.adapter(model, 4, 77));
        stepEach();
        use("expert-1", 101, RandomModel.adapter(model, 4, 78));
        finish();

        int swapped = 0;
        for (var entry : results.entrySet()) {
            for (Sampled sample : entry.getValue()) {
                assertThat(covers(sample)).isTrue();
                swapped += sample.spans().size() > 1 ? 1 : 0;
            }
            assertThat(worstDifference(found(submitted, entry.getKey()), entry.getValue()))
                    .isLessThanOrEqualTo(1e-4);
        }
        assertThat(swapped).as("completions of several versions").isPositive();
        assertThat(results.values().stream()
                        .flatMap(List::stream)
                        .flatMap(s -> s.spans().stream())
                        .map(Span::version))
                .contains(1L, 100L, 101L, 2L);
    }

    @Test
    void givenAnAdapterOfAnotherModelThenItIsRefusedAndTheExpertSamplesWithWhatItHad() throws Exception {
        Adapter fits = RandomModel.adapter(model, 4, 77);
        SortedMap<String, HostTensor> tensors = new TreeMap<>(fits.tensors());
        String lost = tensors.firstKey();
        tensors.put(lost.replace("layers.0.", "layers.90."), tensors.remove(lost));
        Adapter other = new Adapter(fits.rank(), fits.alpha(), fits.targets(), tensors);
        submit(request(1));

        assertThatThrownBy(() -> use("expert-1", 100, other))
                .isInstanceOf(ModelException.class)
                .hasMessage("adapter lacks tensor " + lost);

        finish();
        assertThat(results.values().stream()
                        .flatMap(List::stream)
                        .flatMap(sample -> sample.spans().stream())
                        .map(Span::version))
                .doesNotContain(100L);
    }

    private static boolean covers(Sampled sample) {
        int next = 0;
        for (Span span : sample.spans()) {
            if (span.start() != next || span.end() <= span.start()) {
                return false;
            }
            next = span.end();
        }
        return next == sample.completion().tokens().length;
    }

    @Test
    void givenASeedThenItsTokensAreTheSameAloneAndInCompany() throws Exception {
        for (int i = 0; i < 24; i++) {
            submit(request(i));
        }
        finish();
        Map<Long, List<Sampled>> together = Map.copyOf(results);
        int tokens = 0;
        int others = 0;
        for (var entry : together.entrySet()) {
            long alone = engine.submit(found(submitted, entry.getKey()));
            results.clear();
            while (!engine.isIdle()) {
                step();
            }
            for (int s = 0; s < 3; s++) {
                int[] one = found(results, alone).get(s).completion().tokens();
                int[] other = entry.getValue().get(s).completion().tokens();
                int same = Arrays.mismatch(one, other);
                tokens += other.length;
                others += same < 0 ? 0 : other.length - Math.min(same, other.length);
            }
        }
        System.out.printf("%d of %d tokens differ by company%n", others, tokens);
        assertThat((double) others / tokens).isLessThanOrEqualTo(1e-3);
    }

    @Test
    void givenForcedLengthsThenEveryCompletionHasItsLength() throws Exception {
        Request forced = request(4);
        assertThat(forced.stops()).isFalse();
        submit(forced);
        finish();

        List<Sampled> samples = results.values().iterator().next();
        assertThat(samples.stream().map(s -> s.completion().tokens().length)).isEqualTo(forced.limits());
        assertThat(samples).allMatch(s -> s.completion().truncated());
    }

    private double worstDifference(Request request, List<Sampled> samples) throws InterruptedException {
        return compute.call(Compute.Urgency.TRAIN, () -> difference(request, samples));
    }

    private double difference(Request request, List<Sampled> samples) {
        double worst = 0;
        for (int s = 0; s < samples.size(); s++) {
            float[] recorded = samples.get(s).completion().logprobs();
            double[] reference = LearnerForward.logprobs(policy, request, s, samples.get(s), adapters);
            for (int i = 0; i < recorded.length; i++) {
                worst = Math.max(worst, Math.abs(recorded[i] - reference[i]));
            }
        }
        return worst;
    }
}
