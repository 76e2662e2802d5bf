package ai.consilium.policy.sampling;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Rows laid out by group, so that those of a group read its prefix together.
 *
 * @param row [groups * most rows of a group] row at each place; the first row where a group has fewer
 * @param place [rows] place of each row
 */
record GroupGrid(long[] row, long[] place) {

    static GroupGrid of(List<ActiveGroup> groups, List<ActiveSample> samples) {
        IdentityHashMap<ActiveGroup, Integer> slot = new IdentityHashMap<>();
        groups.forEach(group -> slot.put(group, slot.size()));
        int[] group = samples.stream()
                .mapToInt(sample -> slot.getOrDefault(sample.group(), 0))
                .toArray();
        int[] counts = new int[groups.size()];
        Arrays.stream(group).forEach(g -> counts[g]++);
        int most = Arrays.stream(counts).max().orElse(1);
        long[] grid = new long[groups.size() * most];
        long[] place = new long[group.length];
        Arrays.fill(counts, 0);
        for (int r = 0; r < group.length; r++) {
            int at = group[r] * most + counts[group[r]]++;
            grid[at] = r;
            place[r] = at;
        }
        return new GroupGrid(grid, place);
    }

    Tensor rows(Scope scope) {
        return scope.longs(row, row.length);
    }

    Tensor places(Scope scope) {
        return scope.longs(place, place.length);
    }
}
