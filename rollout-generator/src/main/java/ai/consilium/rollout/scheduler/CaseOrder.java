package ai.consilium.rollout.scheduler;

import ai.consilium.random.RandomStreams;
import java.util.List;
import java.util.Random;

/**
 * The order in which a specialty's cases are sampled: epoch after epoch, each shuffled anew. The n-th case depends only on
 * seed, specialty and n, so that a restarted scheduler goes on where it was. One thread only.
 */
public final class CaseOrder {
    private final long seed;
    private final String specialty;
    private final List<String> caseIds;
    private long shuffledEpoch = -1;
    private int[] shuffled = {};

    /** @param caseIds the specialty's cases, in an order that is always the same */
    public CaseOrder(long seed, String specialty, List<String> caseIds) {
        if (caseIds.isEmpty()) {
            throw new IllegalArgumentException("specialty " + specialty + " has no case");
        }
        this.seed = seed;
        this.specialty = specialty;
        this.caseIds = List.copyOf(caseIds);
    }

    /** Number of cases. */
    int size() {
        return caseIds.size();
    }

    /** Which time round the n-th place is, from 0. */
    long epoch(long n) {
        return n / caseIds.size();
    }

    /** Case of the n-th place, from 0. */
    public String caseId(long n) {
        long epoch = epoch(n);
        if (epoch != shuffledEpoch) {
            shuffled = shuffle(epoch);
            shuffledEpoch = epoch;
        }
        return caseIds.get(shuffled[(int) (n % caseIds.size())]);
    }

    /** Fisher and Yates, on the one generator whose numbers the Java platform specifies. */
    private int[] shuffle(long epoch) {
        Random random = RandomStreams.of(seed, specialty + "/epoch-" + epoch);
        int[] order = new int[caseIds.size()];
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
