package ai.consilium.estimators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Against TRL and verl, in float64; tests/parity/make_advantage_fixture.py made the fixture. */
class EstimatorParityTest {

    @Test
    void givenTheGroupsOfTheFixtureThenTheAdvantagesOfTheReferences() throws IOException {
        Set<String> compared = new TreeSet<>();
        for (JsonNode fixture : cases()) {
            String name = fixture.get("estimator").asText();
            Estimator estimator = estimator(name, fixture.get("weights"));
            for (int g = 0; g < fixture.get("groups").size(); g++) {
                Estimate estimate =
                        estimator.estimate(group(fixture.get("groups").get(g)));
                for (int i = 0; i < estimate.members().size(); i++) {
                    assertThat(estimate.members().get(i).advantage())
                            .as("%s of %s, group %d, sample %d", name, fixture.get("reference"), g, i)
                            .isCloseTo(fixture.get("advantages").get(g).get(i).doubleValue(), within(1e-10));
                }
            }
            compared.add(name + " " + fixture.get("reference").asText());
        }
        assertThat(compared)
                .containsExactly(
                        "dr_grpo trl", "dr_grpo verl", "gdpo trl", "grpo trl", "grpo verl", "rloo trl", "rloo verl");
    }

    private static JsonNode cases() throws IOException {
        try (InputStream in = EstimatorParityTest.class.getResourceAsStream("/parity/advantages.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in)).get("cases");
        }
    }

    private static Estimator estimator(String name, JsonNode weights) {
        return Estimator.named(
                name,
                Map.of(
                        "w_a", weights.get(0).doubleValue(),
                        "w_f", weights.get(1).doubleValue(),
                        "lambda", weights.get(2).doubleValue()));
    }

    private static List<Observation> group(JsonNode samples) {
        List<Observation> group = new ArrayList<>();
        samples.forEach(s -> group.add(new Observation("none", score(s.get(0)), score(s.get(1)), score(s.get(2)))));
        return group;
    }

    private static double score(JsonNode score) {
        return score.isNull() ? Double.NaN : score.doubleValue();
    }
}
