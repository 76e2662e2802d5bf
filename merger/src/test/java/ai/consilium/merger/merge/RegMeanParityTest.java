package ai.consilium.merger.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.merger.merge.ExpertMerge.Parents;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

/**
 * RegMean, its truncation weighted by inputs and the conflict of the experts against the same in numpy, dense and in float64;
 * tests/parity/make_merge_fixture.py made the fixture.
 */
class RegMeanParityTest {
    private static final double TOLERANCE = 1e-8;
    private static final int LOW_RANK = 3;

    @Test
    void givenTheExpertsAndInputsOfTheFixtureThenTheUpdatesThatNumpyHas() throws IOException {
        for (JsonNode one : MergeFixture.read("regmean.json").get("cases")) {
            double lambda = one.get("lambda").doubleValue();
            forEach(one, (module, weight) -> {
                JsonNode expected = one.get("modules").get(module);
                assertEqual(module, weight.exact(lambda).dense(), expected.get("merged"));
                Truncation low = weight.at(lambda, LOW_RANK);
                assertEqual(module + " of a low rank", low.factors().dense(), expected.get("rank_3"));
                assertThat(low.relativeError())
                        .isCloseTo(expected.get("rank_3_error").doubleValue(), within(TOLERANCE));
            });
        }
    }

    @Test
    void givenTheExpertsAndInputsOfTheFixtureThenTheirConflictIsThatOfTheDenseUpdates() throws IOException {
        for (JsonNode one : MergeFixture.read("regmean.json").get("cases")) {
            forEach(one, (module, weight) -> {
                JsonNode expected = one.get("modules").get(module);
                Map<String, Double> figures =
                        new ConflictReport.Weight(module, weight.conflict(), weight.interference()).figures();
                expected.get("conflict")
                        .fields()
                        .forEachRemaining(figure -> assertThat(figures.get(figure.getKey()))
                                .as("%s of %s", figure.getKey(), module)
                                .isCloseTo(figure.getValue().doubleValue(), within(TOLERANCE)));
                for (int s = 0; s < weight.interference().size(); s++) {
                    JsonNode interference = expected.get("interference").get(s);
                    assertThat(weight.interference().get(s))
                            .as("interference with expert %d in %s", s, module)
                            .isCloseTo(
                                    interference.isNull() ? Double.NaN : interference.doubleValue(), within(TOLERANCE));
                }
            });
        }
    }

    private interface Check {
        void of(String module, MergedWeight weight);
    }

    private static void forEach(JsonNode one, Check check) {
        Parents parents = MergeFixture.parents(one, one.get("weights"));
        MergeMethod method = new MergeMethod.RegMean(one.get("epsilon").doubleValue());
        List<String> seen = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            Activations inputs =
                    module -> inputs(scope, one.get("modules").get(module).get("inputs"));
            ExpertMerge.forEach(parents, method, LOW_RANK, inputs, (module, weight) -> {
                check.of(module, weight);
                seen.add(module);
            });
        }
        assertThat(seen).hasSize(one.get("modules").size());
    }

    private static List<Tensor> inputs(Scope scope, JsonNode experts) {
        List<Tensor> inputs = new ArrayList<>();
        experts.forEach(rows -> {
            DMatrixRMaj x = MergeFixture.matrix(rows);
            inputs.add(scope.floats(MergeFixture.floats(x), x.numRows, x.numCols));
        });
        return inputs;
    }

    private static void assertEqual(String name, DMatrixRMaj found, JsonNode rows) {
        DMatrixRMaj expected = MergeFixture.matrix(rows);
        assertThat(found.data)
                .as(name)
                .containsExactly(expected.data, within(TOLERANCE * CommonOps_DDRM.elementMaxAbs(expected)));
    }
}
