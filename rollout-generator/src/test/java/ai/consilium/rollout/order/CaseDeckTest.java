package ai.consilium.rollout.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.cases.format.Case;
import ai.consilium.platform.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CaseDeckTest {
    @Property(tries = 100)
    void givenAnswersOfDifferentFrequencyWhenBalancedThenEachIsRightEquallyOftenAndNoCaseIsForgotten(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int seldom) {
        List<Case> cases = new ArrayList<>(answered("yes", 9));
        cases.addAll(answered("no", seldom));
        CaseOrder order = order(seed, cases, 1);

        assertThat(order.size()).isEqualTo(18);
        List<String> shown = ids(order, 0, 18 * seldom);
        for (long epoch = 0; epoch < seldom; epoch++) {
            assertThat(ids(order, epoch * 18, 18))
                    .filteredOn(id -> id.startsWith("yes"))
                    .hasSize(9)
                    .doesNotHaveDuplicates();
        }
        assertThat(shown).filteredOn("no-0"::equals).hasSize(9);
        assertThat(shown).filteredOn(("no-" + (seldom - 1))::equals).hasSize(9);
    }

    @Test
    void givenHalfTheBalanceThenASeldomAnswerHasThePlacesOfTheGeometricMean() {
        List<Case> cases = new ArrayList<>(answered("yes", 100));
        cases.addAll(answered("maybe", 25));

        CaseOrder order = order(1, cases, 0.5);

        assertThat(ids(order, 0, order.size()))
                .filteredOn(id -> id.startsWith("maybe"))
                .hasSize(50);
        assertThat(order.size()).isEqualTo(150);
    }

    @Property(tries = 50)
    void givenBalancedAnswersThenEveryBatchHasItsShareOfEach(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 30) int batch) {
        List<Case> cases = new ArrayList<>(answered("yes", 110));
        cases.addAll(answered("no", 68));
        cases.addAll(answered("maybe", 22));

        CaseOrder order = order(seed, cases, 0.5);

        List<String> epoch = ids(order, order.size(), order.size());
        assertThat(epoch).isNotEqualTo(ids(order, 0, order.size()));
        for (String answer : List.of("yes", "no", "maybe")) {
            double share =
                    (double) epoch.stream().filter(id -> id.startsWith(answer)).count() / epoch.size();
            for (int from = 0; from + batch <= epoch.size(); from++) {
                long there = epoch.subList(from, from + batch).stream()
                        .filter(id -> id.startsWith(answer))
                        .count();
                assertThat((double) there)
                        .as("%s among %d from place %d", answer, batch, from)
                        .isCloseTo(share * batch, within(2.0));
            }
        }
    }

    @Test
    void givenNoBalanceThenTheOrderIsThatOfTheCases() {
        List<Case> cases = new ArrayList<>(answered("yes", 20));
        cases.addAll(answered("no", 10));
        List<String> caseIds = cases.stream().map(Case::id).toList();

        assertThat(ids(order(5, cases, 0), 0, 60)).isEqualTo(ids(new CaseOrder(5, "biomedicine", caseIds), 0, 60));
    }

    @Test
    void givenCasesThatOfferDifferentAnswersWhenBalancedThenTheyAreRefusedByName() {
        List<Case> cases = List.of(
                oneCase("yes-0", Map.of("A", "yes", "B", "no"), "A"),
                oneCase("ward-1", Map.of("A", "ward", "B", "no"), "A"));

        assertThatThrownBy(() -> order(1, cases, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("answer_balance: ward-1 offers other answers than yes-0");
        assertThat(order(1, cases, 0).size()).isEqualTo(2);
    }

    private static CaseOrder order(long seed, List<Case> cases, double balance) {
        return new CaseOrder(seed, "biomedicine", CaseDeck.balanced("biomedicine", cases, balance));
    }

    private static List<Case> answered(String answer, int count) {
        Map<String, String> options = Map.of("A", "yes", "B", "no", "C", "maybe");
        String label = options.keySet().stream()
                .filter(letter -> answer.equals(options.get(letter)))
                .findFirst()
                .orElseThrow();
        return IntStream.range(0, count)
                .mapToObj(i -> oneCase(answer + "-" + i, options, label))
                .toList();
    }

    private static Case oneCase(String id, Map<String, String> options, String label) {
        return new Case(
                id,
                "biomedicine",
                "text",
                List.of(),
                "is it so ?",
                new TreeMap<>(options),
                label,
                Map.of(),
                null,
                Map.of(),
                "test");
    }

    private static List<String> ids(CaseOrder order, long from, int count) {
        return LongStream.range(from, from + count).mapToObj(order::caseId).toList();
    }
}
