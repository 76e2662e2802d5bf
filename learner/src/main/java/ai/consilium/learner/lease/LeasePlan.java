package ai.consilium.learner.lease;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who gets which lease: each goes to one learner that takes it, spread evenly, and stays where it is unless another has two
 * fewer. A lease that is to move is first taken from its holder and given to nobody: the next plan, made when the holder has let
 * go of it, gives it away. Pure.
 */
final class LeasePlan {
    /**
     * A learner process.
     *
     * @param wanted partitions of the policies that it would train
     * @param held partitions of those that it trains now
     */
    record Candidate(Set<Integer> wanted, Set<Integer> held) {
        Candidate {
            wanted = Set.copyOf(wanted);
            held = Set.copyOf(held);
        }
    }

    private final SortedMap<String, Candidate> candidates;
    private final SortedMap<String, NavigableSet<Integer>> given = new TreeMap<>();
    /** With what a learner will get when its holder has let go of it. */
    private final Map<String, Integer> loads = new HashMap<>();

    private LeasePlan(Map<String, Candidate> candidates) {
        this.candidates = new TreeMap<>(candidates);
        this.candidates.keySet().forEach(name -> given.put(name, new TreeSet<>()));
    }

    /** Partitions by the name of the learner that gets them: the same for whoever makes the plan. */
    static Map<String, NavigableSet<Integer>> of(Map<String, Candidate> candidates) {
        LeasePlan plan = new LeasePlan(candidates);
        SortedSet<Integer> open = plan.keep();
        plan.giveAway(open);
        plan.level();
        return plan.given;
    }

    /** @return those that nobody holds who wants them */
    private SortedSet<Integer> keep() {
        SortedSet<Integer> open = new TreeSet<>();
        candidates.values().forEach(candidate -> open.addAll(candidate.wanted()));
        SortedSet<Integer> held = new TreeSet<>();
        candidates.forEach((name, candidate) -> {
            for (int partition : new TreeSet<>(candidate.held())) {
                // One that its holder does not want any more is not given away before it has let go of it.
                held.add(partition);
                if (candidate.wanted().contains(partition) && open.remove(partition)) {
                    give(name, partition);
                }
            }
        });
        open.removeAll(held);
        return open;
    }

    /** Those that few want go first. */
    private void giveAway(SortedSet<Integer> open) {
        List<Integer> inOrder = new ArrayList<>(open);
        inOrder.sort(Comparator.comparingInt(partition -> wanting(partition).size()));
        for (int partition : inOrder) {
            wanting(partition).stream().min(byLoad()).ifPresent(name -> give(name, partition));
        }
    }

    private void level() {
        while (take()) {
            // One more was taken from a learner that has too many.
        }
    }

    /** The last ones first: the unified agent's, which the others wait for least. */
    private boolean take() {
        for (String rich : given.keySet()) {
            for (int partition : given(rich).descendingSet()) {
                Optional<String> poor = wanting(partition).stream().min(byLoad());
                if (poor.isPresent() && load(rich) - load(poor.get()) >= 2) {
                    given(rich).remove(partition);
                    loads.merge(rich, -1, Integer::sum);
                    if (held(rich, partition)) {
                        loads.merge(poor.get(), 1, Integer::sum);
                    } else {
                        give(poor.get(), partition);
                    }
                    return true;
                }
            }
        }
        return false;
    }

    private void give(String name, int partition) {
        given(name).add(partition);
        loads.merge(name, 1, Integer::sum);
    }

    private boolean held(String name, int partition) {
        return candidate(name).held().contains(partition);
    }

    private List<String> wanting(int partition) {
        return candidates.keySet().stream()
                .filter(name -> candidate(name).wanted().contains(partition))
                .toList();
    }

    private Comparator<String> byLoad() {
        return Comparator.<String>comparingInt(this::load).thenComparing(Comparator.naturalOrder());
    }

    private int load(String name) {
        return loads.getOrDefault(name, 0);
    }

    private Candidate candidate(String name) {
        return Objects.requireNonNull(candidates.get(name));
    }

    private NavigableSet<Integer> given(String name) {
        return Objects.requireNonNull(given.get(name));
    }
}
