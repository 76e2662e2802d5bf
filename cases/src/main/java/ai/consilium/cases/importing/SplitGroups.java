package ai.consilium.cases.importing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Cases that must go to the same split since they share a patient, a picture or a question, also by way of a third case. */
final class SplitGroups {
    private final List<Integer> parents = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> owners = new HashMap<>();

    /**
     * Adds the next case.
     *
     * @param id names it where it shares nothing
     * @param shared what it must not share with another split; may be empty
     */
    void add(String id, List<String> shared) {
        int number = parents.size();
        parents.add(number);
        names.add(shared.stream().min(String::compareTo).orElse("id " + id));
        for (String key : shared) {
            Integer owner = owners.putIfAbsent(key, number);
            if (owner != null) {
                join(owner, number);
            }
        }
    }

    /** Name of a case's group, the same whatever the order of the cases. @param number in the order in which they were added */
    String name(int number) {
        return names.get(root(number));
    }

    private void join(int a, int b) {
        int first = root(a);
        int second = root(b);
        if (first != second) {
            parents.set(second, first);
            String name = names.get(second);
            if (name.compareTo(names.get(first)) < 0) {
                names.set(first, name);
            }
        }
    }

    private int root(int number) {
        int at = number;
        while (parents.get(at) != at) {
            // Halving keeps the paths short.
            parents.set(at, parents.get(parents.get(at)));
            at = parents.get(at);
        }
        return at;
    }
}
