package ai.consilium.rollout.order;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the latest groups of a case came to: those since one that taught something. The same whatever order they are entered in.
 *
 * @param taught place of the latest group that was trained on; -1: none
 * @param alike groups since then whose answers were all right (true) or all wrong, by place; the latest {@value #MOST}
 */
public record PassHistory(long taught, SortedMap<Long, Boolean> alike) {
    /** Nothing is known yet. */
    static final PassHistory NONE = new PassHistory(-1, new TreeMap<>());

    private static final int MOST = 5;
    private static final int EPOCHS_AFTER_ALL_RIGHT = 2;
    private static final int EPOCHS_AFTER_ALL_WRONG = 1;

    /** Keeps a copy. */
    public PassHistory {
        alike = Collections.unmodifiableSortedMap(new TreeMap<>(alike));
    }

    /** With a group that was trained on. */
    PassHistory taughtAt(long position) {
        long latest = Math.max(taught, position);
        return new PassHistory(latest, alike.tailMap(latest + 1));
    }

    /** With a group whose answers were all right, or all wrong. */
    PassHistory alikeAt(long position, boolean right) {
        if (position <= taught) {
            return this;
        }
        TreeMap<Long, Boolean> more = new TreeMap<>(alike);
        more.put(position, right);
        while (more.size() > MOST) {
            more.pollFirstEntry();
        }
        return new PassHistory(taught, more);
    }

    /** Place of the latest of the groups that taught nothing. @throws java.util.NoSuchElementException when there is none */
    long latestAlike() {
        return alike.lastKey();
    }

    /**
     * Epochs that the case sits out after the latest group: none when it taught something; after one whose answers were all right
     * two, all wrong one; and each time that it teaches nothing again, twice as many.
     */
    int rest() {
        if (alike.isEmpty()) {
            return 0;
        }
        int first = Boolean.TRUE.equals(alike.get(alike.lastKey())) ? EPOCHS_AFTER_ALL_RIGHT : EPOCHS_AFTER_ALL_WRONG;
        return first << (alike.size() - 1);
    }
}
