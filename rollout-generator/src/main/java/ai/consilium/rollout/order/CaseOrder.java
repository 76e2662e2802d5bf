package ai.consilium.rollout.order;

import ai.consilium.random.RandomStreams;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The order in which a specialty's cases are sampled: epoch after epoch, each shuffled anew, and where answers are balanced, those
 * of each spread evenly. The n-th case depends only on
 * seed, specialty, n and, where cases came with a round, the place at which that round began: so a restarted scheduler goes on
 * where it was, in whatever order it reads the log. Cases that came stand in the epoch that is under way, one by one between those
 * that it has left. One thread only.
 */
public final class CaseOrder {
    private final long seed;
    private final String specialty;
    private final List<Stretch> stretches = new ArrayList<>();
    /** Cases that come with a round, by round: those before, too. */
    private final NavigableMap<Integer, CaseDeck> coming = new TreeMap<>();
    /** By round, the place behind all that were drawn in it. */
    private final NavigableMap<Integer, Long> drawn = new TreeMap<>();

    private long shuffledEpoch = -1;
    private CaseDeck shuffledDeck = CaseDeck.of(List.of());
    private List<String> shuffled = List.of();

    /**
     * Places with the same cases.
     *
     * @param from its first place
     * @param epoch that the first place is in
     * @param first what is left of that epoch, in order
     * @param all cases of the epochs after it
     */
    private record Stretch(long from, long epoch, List<String> first, CaseDeck all) {
        private boolean inFirst(long n) {
            return n - from < first.size();
        }

        private long epoch(long n) {
            return inFirst(n) ? epoch : epoch + 1 + (n - from - first.size()) / all.size();
        }

        /** Place in its epoch, from 0. */
        private int place(long n) {
            return (int) (inFirst(n) ? n - from : (n - from - first.size()) % all.size());
        }

        private int places(long n) {
            return inFirst(n) ? first.size() : all.size();
        }
    }

    /** Each case once an epoch. @param caseIds the specialty's cases, in an order that is always the same */
    public CaseOrder(long seed, String specialty, List<String> caseIds) {
        this(seed, specialty, CaseDeck.of(caseIds));
    }

    /** @param cases of the specialty */
    public CaseOrder(long seed, String specialty, CaseDeck cases) {
        if (cases.size() == 0) {
            throw new IllegalArgumentException("specialty " + specialty + " has no case");
        }
        this.seed = seed;
        this.specialty = specialty;
        stretches.add(new Stretch(0, 0, order(cases, 0), cases));
    }

    /** More cases come with a round. @param cases all of them: those before, then the others */
    public void from(int round, CaseDeck cases) {
        coming.put(round, cases);
    }

    /** A place was drawn in a round. */
    public void drawn(int round, long n) {
        drawn.merge(round, n + 1, Math::max);
    }

    /** By round, the place behind all that were drawn in it. */
    public SortedMap<Integer, Long> drawn() {
        return new TreeMap<>(drawn);
    }

    /** Takes what another had drawn. @param behind by round, the place behind all that were drawn in it */
    public void restore(SortedMap<Integer, Long> behind) {
        drawn.putAll(behind);
    }

    /** A round draws from here on. @return the place behind all that were drawn */
    public long next(int round) {
        drawn.merge(round, before(round), Math::max);
        return before(round + 1);
    }

    private long before(int round) {
        return drawn.headMap(round).values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    /** Number of places in an epoch. */
    public int size() {
        return newest().all().size();
    }

    /** Which time round the n-th place is, from 0. */
    public long epoch(long n) {
        return stretch(n).epoch(n);
    }

    /** Case of the n-th place, from 0. */
    public String caseId(long n) {
        Stretch stretch = stretch(n);
        return order(stretch, n).get(stretch.place(n));
    }

    private List<String> order(Stretch stretch, long n) {
        if (stretch.inFirst(n)) {
            return stretch.first();
        }
        long epoch = stretch.epoch(n);
        if (epoch != shuffledEpoch || !shuffledDeck.equals(stretch.all())) {
            shuffled = order(stretch.all(), epoch);
            shuffledEpoch = epoch;
            shuffledDeck = stretch.all();
        }
        return shuffled;
    }

    private Stretch stretch(long n) {
        Stretch found = newest();
        for (int i = stretches.size() - 1; found.from() > n; i--) {
            found = stretches.get(i);
        }
        return found;
    }

    /** With the cases of every round that was drawn in. */
    private Stretch newest() {
        while (!coming.isEmpty() && !drawn.isEmpty() && coming.firstKey() <= drawn.lastKey()) {
            int round = coming.firstKey();
            grow(before(round), coming.remove(round));
        }
        return stretches.get(stretches.size() - 1);
    }

    private void grow(long at, CaseDeck all) {
        Stretch last = stretches.get(stretches.size() - 1);
        int known = last.all().caseIds().size();
        int now = all.caseIds().size();
        if (now > known) {
            List<String> left = order(last, at).subList(last.place(at), last.places(at));
            List<String> added = shuffle(all.caseIds().subList(known, now), "added-to-" + known);
            stretches.add(new Stretch(at, last.epoch(at), inTurn(added, left), all));
        }
    }

    private static List<String> inTurn(List<String> some, List<String> others) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < Math.max(some.size(), others.size()); i++) {
            if (i < some.size()) {
                all.add(some.get(i));
            }
            if (i < others.size()) {
                all.add(others.get(i));
            }
        }
        return all;
    }

    /** An epoch's places. Those of each right answer are spread evenly over it, so that a batch has its share of all. */
    private List<String> order(CaseDeck deck, long epoch) {
        String stream = "epoch-" + epoch;
        List<List<String>> places = deck.places(epoch);
        if (places.size() == 1) {
            return shuffle(places.get(0), stream);
        }
        List<Placed> spread = new ArrayList<>();
        for (int answer = 0; answer < places.size(); answer++) {
            String own = stream + "/answer-" + answer;
            List<String> ids = shuffle(places.get(answer), own);
            double first =
                    RandomStreams.of(seed, specialty + "/" + own + "/first").nextDouble();
            for (int i = 0; i < ids.size(); i++) {
                spread.add(new Placed((i + first) / ids.size(), ids.get(i)));
            }
        }
        // Stable: where two have one place, the answer that is named first goes first.
        return spread.stream()
                .sorted(Comparator.comparingDouble(Placed::at))
                .map(Placed::caseId)
                .toList();
    }

    /** @param at share of the epoch that is before it */
    private record Placed(double at, String caseId) {}

    /** Fisher and Yates, on the one generator whose numbers the Java platform specifies. */
    private List<String> shuffle(List<String> cases, String stream) {
        Random random = RandomStreams.of(seed, specialty + "/" + stream);
        int[] order = new int[cases.size()];
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        List<String> shuffled = new ArrayList<>();
        for (int place : order) {
            shuffled.add(cases.get(place));
        }
        return List.copyOf(shuffled);
    }
}
