package ai.consilium.learner.lease;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.lease.LeasePlan.Candidate;
import ai.consilium.testing.TestSeed;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeasePlanTest {
    private static final Set<Integer> ALL = Set.of(0, 1, 2, 3, 4);

    private static Candidate holding(Integer... held) {
        return new Candidate(ALL, Set.of(held));
    }

    @Test
    void givenFourThatHoldNothingThenEachGetsASpecialty() {
        Map<String, NavigableSet<Integer>> plan =
                LeasePlan.of(Map.of("a", holding(), "b", holding(), "c", holding(), "d", holding()));

        assertThat(plan.values().stream().map(Set::size)).containsExactlyInAnyOrder(1, 1, 1, 2);
        assertThat(plan.values().stream().flatMap(Set::stream)).containsExactlyInAnyOrderElementsOf(ALL);
    }

    @Test
    void givenOneThatIsGoneThenWhatItHeldGoesToWhoHasLeastAndNothingElseMoves() {
        Map<String, NavigableSet<Integer>> plan =
                LeasePlan.of(Map.of("a", holding(0, 4), "b", holding(1), "d", holding(3)));

        assertThat(plan.get("a")).containsExactly(0, 4);
        assertThat(plan.get("b")).containsExactly(1, 2);
        assertThat(plan.get("d")).containsExactly(3);
    }

    @Test
    void givenOneMoreThenLeasesAreTakenFirstAndGivenWhenTheirHolderHasLetGo() {
        // when one joins who holds nothing
        Map<String, NavigableSet<Integer>> first = LeasePlan.of(Map.of("a", holding(0, 1, 2, 3, 4), "b", holding()));

        // then two are to move, and nobody has them yet
        assertThat(first.get("a")).containsExactly(0, 1, 2);
        assertThat(first.get("b")).isEmpty();
        Map<String, NavigableSet<Integer>> second = LeasePlan.of(Map.of("a", holding(0, 1, 2), "b", holding()));
        assertThat(second.get("a")).containsExactly(0, 1, 2);
        assertThat(second.get("b")).containsExactly(3, 4);
    }

    @Test
    void givenOneThatTakesOnlySomeThenItGetsNoOther() {
        Map<String, NavigableSet<Integer>> plan =
                LeasePlan.of(Map.of("a", holding(), "b", new Candidate(Set.of(2), Set.of())));

        assertThat(plan.get("b")).containsExactly(2);
        assertThat(plan.get("a")).containsExactly(0, 1, 3, 4);
    }

    @Test
    void givenOneThatIsFinalThenItIsLetGoAndNobodyGetsIt() {
        Candidate done = new Candidate(Set.of(1), Set.of(0, 1));

        assertThat(LeasePlan.of(Map.of("a", done)).get("a")).containsExactly(1);
    }

    /** Learners come, go and change their minds; every plan is carried out as Kafka does. */
    @Test
    void givenAnyHistoryThenNoLeaseIsEverHeldTwiceAndAllAreHeldInTheEnd() {
        Random random = new Random(TestSeed.of(LeasePlanTest.class));
        for (int history = 0; history < 200; history++) {
            Map<String, Candidate> learners = new TreeMap<>();
            for (int change = 0; change < 20; change++) {
                learners.keySet().removeIf(name -> random.nextInt(5) == 0);
                if (random.nextInt(3) > 0 || learners.isEmpty()) {
                    learners.put("l" + random.nextInt(1000), new Candidate(some(random), Set.of()));
                }
                carryOut(learners);
            }
            int rounds = 0;
            while (carryOut(learners)) {
                assertThat(++rounds).as("plans until nothing moves").isLessThan(10);
            }
            Set<Integer> wanted = learners.values().stream()
                    .flatMap(learner -> learner.wanted().stream())
                    .collect(Collectors.toSet());
            assertThat(learners.values().stream().flatMap(learner -> learner.held().stream()))
                    .containsExactlyInAnyOrderElementsOf(wanted);
        }
    }

    private static Set<Integer> some(Random random) {
        return IntStream.range(0, 6)
                .filter(partition -> random.nextInt(3) > 0)
                .boxed()
                .collect(Collectors.toSet());
    }

    /** @return whether anything changed */
    private static boolean carryOut(Map<String, Candidate> learners) {
        Map<String, NavigableSet<Integer>> plan = LeasePlan.of(learners);
        Map<Integer, String> holders = new HashMap<>();
        learners.forEach((name, learner) -> learner.held().forEach(partition -> holders.put(partition, name)));
        Set<Integer> seen = new HashSet<>();
        boolean changed = false;
        for (Map.Entry<String, NavigableSet<Integer>> entry : plan.entrySet()) {
            Candidate before = Objects.requireNonNull(learners.get(entry.getKey()));
            for (int partition : entry.getValue()) {
                assertThat(seen.add(partition)).as("given once").isTrue();
                assertThat(holders.getOrDefault(partition, entry.getKey()))
                        .as("given to another before its holder let go of it")
                        .isEqualTo(entry.getKey());
                assertThat(before.wanted()).contains(partition);
            }
            changed |= !before.held().equals(entry.getValue());
            learners.put(entry.getKey(), new Candidate(before.wanted(), entry.getValue()));
        }
        return changed;
    }
}
