package ai.consilium.learner.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.learner.Groups;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NormalisedBatchTest {

    /** tests/parity/make_advantage_fixture.py, TRL's normalize_then_sum; null is a member without any score. */
    @Test
    void givenTheSumsOfTheStreamThenTheAdvantagesOfTheReference() throws IOException {
        JsonNode batches;
        try (InputStream in = getClass().getResourceAsStream("/parity/gdpo-batches.json")) {
            batches = new ObjectMapper().readTree(Objects.requireNonNull(in)).get("batches");
        }
        assertThat(batches).hasSize(4);
        for (JsonNode batch : batches) {
            List<Usable> groups = new ArrayList<>();
            for (JsonNode sums : batch.get("sums")) {
                List<Double> values = new ArrayList<>();
                sums.forEach(sum -> values.add(sum.isNull() ? Double.NaN : sum.doubleValue()));
                groups.add(usable(true, values));
            }

            NormalisedBatch normalised = NormalisedBatch.of(groups);

            for (int g = 0; g < groups.size(); g++) {
                for (int i = 0; i < 8; i++) {
                    double expected = batch.get("advantages").get(g).get(i).doubleValue();
                    Usable usable = normalised.groups().get(g);
                    assertThat(usable.group().members().get(i).advantage())
                            .as("group %d, sample %d", g, i)
                            .isCloseTo(expected, within(1e-10))
                            .isEqualTo(usable.record().getMembers().get(i).getAdvantage());
                }
            }
            assertThat(normalised.figures().get("adv/batch_mean"))
                    .isCloseTo(batch.get("mean").doubleValue(), within(1e-10));
            assertThat(normalised.figures().get("adv/batch_std"))
                    .isCloseTo(batch.get("std").doubleValue(), within(1e-10));
        }
    }

    @Test
    void givenGroupsThatDoNotAskThenTheyAreLeftAsTheyAreAndOutOfTheStatistics() {
        Usable gba = usable(false, List.of(5.0, 7.0));

        NormalisedBatch mixed = NormalisedBatch.of(List.of(gba, usable(true, List.of(1.0, -1.0))));

        assertThat(mixed.groups().get(0)).isSameAs(gba);
        assertThat(mixed.figures()).containsEntry("adv/batch_mean", 0.0);
        assertThat(NormalisedBatch.of(List.of(gba)).groups()).containsExactly(gba);
        assertThat(NormalisedBatch.of(List.of(gba)).figures()).isEmpty();
    }

    @Test
    void givenSumsWithoutSpreadThenExactlyZero() {
        NormalisedBatch flat = NormalisedBatch.of(List.of(usable(true, List.of(0.3, 0.3, 0.3))));

        assertThat(flat.groups().get(0).group().members())
                .extracting(Trainer.Member::advantage)
                .containsOnly(0.0);
    }

    private static Usable usable(boolean asks, List<Double> sums) {
        List<Member> members = new ArrayList<>();
        for (double sum : sums) {
            Map<String, Double> parts = Double.isNaN(sum) ? Map.of() : Map.of("accuracy", 1.0);
            double advantage = Double.isNaN(sum) ? 0 : sum;
            members.add(Groups.member(members.size(), "p", List.of(1), advantage, parts, new Span(0, 1, 0L, "hash")));
        }
        List<Trainer.Member> trained = members.stream()
                .map(m -> new Trainer.Member(new int[0], new int[] {1}, new float[] {-1}, m.getAdvantage(), false))
                .toList();
        TrainingGroup group = TrainingGroup.newBuilder(
                        Groups.group("g", new CaseRef("train.jsonl", "sha", "c"), members))
                .setBatchNormalised(asks)
                .build();
        return new Usable(
                group,
                new Trainer.Group(new EncodedPrompt(new int[0], List.of()), trained, 1),
                new GroupAdmission.Staleness(0, 0));
    }
}
