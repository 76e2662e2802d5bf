package ai.consilium.advantage.group;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The trajectories of a group in the order of the log. The first of each sample is its member; later ones are superseded.
 *
 * @param inOrder distinct trajectories; re-deliveries of one are not here
 */
public record Attempts(List<Attempt> inOrder) {

    /** One trajectory of one sample. */
    public record Attempt(int sample, String trajectoryId) {

        /** As it stands in the store. */
        public String text() {
            return sample + ":" + trajectoryId;
        }

        public static Attempt parse(String text) {
            int colon = text.indexOf(':');
            return new Attempt(Integer.parseInt(text.substring(0, colon)), text.substring(colon + 1));
        }
    }

    public Attempts {
        inOrder = List.copyOf(inOrder);
    }

    public boolean knows(String trajectoryId) {
        return inOrder.stream().anyMatch(a -> a.trajectoryId().equals(trajectoryId));
    }

    /** Trajectory id per sample index. */
    public SortedMap<Integer, String> members() {
        SortedMap<Integer, String> members = new TreeMap<>();
        inOrder.forEach(a -> members.putIfAbsent(a.sample(), a.trajectoryId()));
        return members;
    }

    /**
     * Superseded attempts that lie before the one that filled the last of {@code groupSize} samples. Those behind it may
     * or may not have been read when the group closes, so counting them would make a replay differ.
     */
    int superseded(int groupSize) {
        SortedMap<Integer, String> filled = new TreeMap<>();
        int superseded = 0;
        for (Attempt attempt : inOrder) {
            if (filled.size() == groupSize) {
                break;
            }
            if (filled.putIfAbsent(attempt.sample(), attempt.trajectoryId()) != null) {
                superseded++;
            }
        }
        return superseded;
    }
}
