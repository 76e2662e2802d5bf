package ai.consilium.monitor.state;

import java.util.Arrays;

/**
 * Which ids were seen, by 64 bits of each: 10 to 20 bytes an id, where a set of texts takes more than a hundred. That
 * two of ten million ids are taken for one has a chance of 1 in 400,000.
 */
final class SeenIds {
    private static final long EMPTY = 0;

    private long[] slots = new long[64];
    private int size;

    /** @return whether it was not seen before */
    boolean add(String id) {
        long hash = hash(id);
        if (!put(slots, hash)) {
            return false;
        }
        size++;
        if (size * 4L > slots.length * 3L) {
            long[] larger = new long[slots.length * 2];
            Arrays.stream(slots).filter(slot -> slot != EMPTY).forEach(slot -> put(larger, slot));
            slots = larger;
        }
        return true;
    }

    boolean contains(String id) {
        long hash = hash(id);
        int at = start(hash, slots.length);
        while (slots[at] != EMPTY) {
            if (slots[at] == hash) {
                return true;
            }
            at = (at + 1) & (slots.length - 1);
        }
        return false;
    }

    int size() {
        return size;
    }

    private static boolean put(long[] into, long hash) {
        int at = start(hash, into.length);
        while (into[at] != EMPTY) {
            if (into[at] == hash) {
                return false;
            }
            at = (at + 1) & (into.length - 1);
        }
        into[at] = hash;
        return true;
    }

    private static int start(long hash, int length) {
        return (int) (hash >>> 32) & (length - 1);
    }

    /** FNV-1a over the characters, then the finisher of MurmurHash3, so that ids that count upwards spread. */
    private static long hash(String id) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        hash ^= hash >>> 33;
        hash *= 0xc4ceb9fe1a85ec53L;
        hash ^= hash >>> 33;
        return hash == EMPTY ? 1 : hash;
    }
}
