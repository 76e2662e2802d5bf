package ai.consilium.rollout.order;

import ai.consilium.cases.format.Case;
import ai.consilium.platform.UsageException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Cases that are drawn epoch after epoch, and how many places each has in one.
 *
 * @param caseIds all of them, in an order that is always the same
 * @param shares of an epoch
 */
public record CaseDeck(List<String> caseIds, List<Share> shares) {
    /** Keeps copies. */
    public CaseDeck {
        caseIds = List.copyOf(caseIds);
        shares = List.copyOf(shares);
    }

    /**
     * Cases that have so many places in each epoch, taken in turn.
     *
     * @param caseIds in an order that is always the same
     * @param places in an epoch
     */
    public record Share(List<String> caseIds, int places) {
        private String caseId(long epoch, int place) {
            return caseIds.get((int) ((epoch * places + place) % caseIds.size()));
        }
    }

    /** Each case once an epoch. */
    static CaseDeck of(List<String> caseIds) {
        return new CaseDeck(caseIds, List.of(new Share(List.copyOf(caseIds), caseIds.size())));
    }

    /**
     * The cases of an answer that is seldom right come more often than once. With n cases of an answer, and N of the most frequent
     * one, they have N · (n / N)^(1 - balance) places in an epoch.
     *
     * @param specialty of the cases, for messages
     * @param cases in an order that is always the same
     * @param balance 0: each case once; 1: every answer is right equally often
     * @throws UsageException when there is something to balance, but the cases do not all offer the same answers
     */
    public static CaseDeck balanced(String specialty, List<Case> cases, double balance) {
        List<String> all = cases.stream().map(Case::id).toList();
        if (balance == 0) {
            return of(all);
        }
        SortedMap<String, List<String>> byAnswer = new TreeMap<>();
        for (Case one : cases) {
            if (!answers(one).equals(answers(cases.get(0)))) {
                throw new UsageException("answer_balance: " + one.id() + " offers other answers than "
                        + cases.get(0).id() + ", so that right answers of specialty " + specialty
                        + " cannot be balanced; set it to 0");
            }
            byAnswer.computeIfAbsent(one.answer(), answer -> new ArrayList<>()).add(one.id());
        }
        double most = byAnswer.values().stream().mapToInt(List::size).max().orElse(0);
        return new CaseDeck(
                all,
                byAnswer.values().stream()
                        .map(ids -> new Share(ids, (int) Math.round(most * Math.pow(ids.size() / most, 1 - balance))))
                        .toList());
    }

    private static HashSet<String> answers(Case of) {
        return new HashSet<>(of.options().values());
    }

    /** Number of places in an epoch. */
    int size() {
        return shares.stream().mapToInt(Share::places).sum();
    }

    /** The places of an epoch, not shuffled yet, by the answer that is right where answers are balanced. */
    List<List<String>> places(long epoch) {
        return shares.stream()
                .map(share -> IntStream.range(0, share.places())
                        .mapToObj(place -> share.caseId(epoch, place))
                        .toList())
                .toList();
    }
}
