package ai.consilium.merger.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.adapter.Adapter;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

/** Against PEFT, in float64, on updates; tests/parity/make_merge_fixture.py made the fixture. */
class PeftMergeParityTest {
    @Test
    void givenTheAdaptersOfTheFixtureThenTheUpdatesThatPeftMergesThemTo() throws IOException {
        JsonNode fixture = MergeFixture.read("peft-merges.json");
        Set<String> compared = new TreeSet<>();
        for (JsonNode one : fixture.get("cases")) {
            JsonNode parents = fixture.get("parents").get(one.get("parents").asText());
            double lambda = one.get("lambda").doubleValue();
            Adapter agent = ExpertMerge.of(
                            MergeFixture.parents(parents, one.get("weights")),
                            method(one),
                            List.of(lambda),
                            one.get("rank").intValue(),
                            null)
                    .agent(lambda)
                    .adapter();
            one.get("merged").fields().forEachRemaining(module -> {
                DMatrixRMaj expected = MergeFixture.matrix(module.getValue());
                assertThat(Experts.delta(agent, module.getKey()).data)
                        .as("%s, %s, rank %s: %s", one.get("reference"), one.get("parents"), one.get("rank"), module)
                        .containsExactly(expected.data, within(1e-5 * CommonOps_DDRM.elementMaxAbs(expected)));
            });
            compared.add(
                    one.get("method").asText() + ": " + one.get("reference").asText());
        }
        assertThat(compared)
                .containsExactly(
                        "average: merge_utils.task_arithmetic",
                        "dare_ties: add_weighted_adapter dare_ties_svd",
                        "dare_ties: merge_utils.dare_linear",
                        "dare_ties: merge_utils.dare_ties",
                        "task_arithmetic: add_weighted_adapter svd",
                        "task_arithmetic: merge_utils.task_arithmetic",
                        "ties: add_weighted_adapter ties_svd",
                        "ties: merge_utils.magnitude_prune",
                        "ties: merge_utils.ties");
    }

    private static MergeMethod method(JsonNode one) {
        double density = one.get("density").doubleValue();
        return switch (one.get("method").asText()) {
            case "average" -> new MergeMethod.Average();
            case "task_arithmetic" -> new MergeMethod.TaskArithmetic();
            case "ties" -> MergeMethod.ties(density);
            // What PEFT drew; at density 1 it draws nothing and keeps everything.
            default ->
                new MergeMethod.Entries(new EntryRule.DareTies(
                        density,
                        (module, expert, entry) -> one.get("masks")
                                        .path(module)
                                        .path(expert)
                                        .path(entry)
                                        .asInt(1)
                                == 1));
        };
    }
}
