package ai.consilium.rollout.order;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * Which place of the order of cases a policy's next prompt takes. By pass rate, a case whose last group taught nothing sits out
 * what comes: two epochs when every answer was right, one when every answer was wrong, since it may be learnt meanwhile. Known
 * from the log alone: prompts carry their place, and of a case's groups the last decides, in whatever order they are entered.
 * One thread only.
 */
public final class CaseCurriculum {
    private static final int EPOCHS_AFTER_ALL_RIGHT = 2;
    private static final int EPOCHS_AFTER_ALL_WRONG = 1;
    private static final double HALF = 0.5;

    private final boolean byPassRate;
    private final CaseOrder order;
    private final Map<String, Shown> shown = new HashMap<>();
    private final Map<String, Rest> rests = new HashMap<>();

    /** Where a group's case stood. */
    public record Shown(String caseId, long position) {}

    /**
     * What a case's last group came to.
     *
     * @param position of that group
     * @param until the first epoch in which the case is drawn again
     */
    public record Rest(long position, long until) {}

    /**
     * What it knows.
     *
     * @param drawn of its order
     * @param shown where the cases of open groups stood, by group
     * @param rests what the last group of each case came to, by case
     */
    public record Content(SortedMap<Integer, Long> drawn, Map<String, Shown> shown, Map<String, Rest> rests) {}

    /** @param byPassRate whether cases sit out */
    public CaseCurriculum(boolean byPassRate, CaseOrder order) {
        this.byPassRate = byPassRate;
        this.order = order;
    }

    /** Takes what another knew. */
    public void restore(Content content) {
        order.restore(content.drawn());
        shown.putAll(content.shown());
        rests.putAll(content.rests());
    }

    /** What it knows. */
    public Content content() {
        return new Content(order.drawn(), Map.copyOf(shown), Map.copyOf(rests));
    }

    /** A prompt stands in the log. @param n its number among its policy's */
    public void prompted(Prompt prompt, long n) {
        long position = prompt.getCasePosition() >= 0 ? prompt.getCasePosition() : n;
        order.drawn(prompt.getRound(), position);
        shown.put(prompt.getGroupId(), new Shown(prompt.getCaseRef().getId(), position));
    }

    /** A group's end stands in the log; those of other policies are passed over. */
    public void ended(GroupOutcome outcome) {
        Shown of = shown.remove(outcome.getGroupId());
        if (of == null) {
            return;
        }
        Rest rest = new Rest(of.position(), order.epoch(of.position()) + 1 + epochs(outcome));
        rests.merge(of.caseId(), rest, (a, b) -> a.position() > b.position() ? a : b);
    }

    private static int epochs(GroupOutcome outcome) {
        Double passRate = outcome.getPassRate();
        if (outcome.getOutcome() != Outcome.FILTERED || passRate == null) {
            return 0;
        }
        return passRate > HALF ? EPOCHS_AFTER_ALL_RIGHT : EPOCHS_AFTER_ALL_WRONG;
    }

    /** More cases come with a round. @param cases all of them: those before, then the others */
    public void from(int round, CaseDeck cases) {
        order.from(round, cases);
    }

    /** Case of a place. */
    public String caseId(long position) {
        return order.caseId(position);
    }

    /** The place of a round's next prompt, which moves on. Where a whole epoch rests, the first of it is drawn nevertheless. */
    public long take(int round) {
        long next = order.next(round);
        long position = next;
        for (int skipped = 0; byPassRate && skipped < order.size() && rests(position); skipped++) {
            position++;
        }
        if (byPassRate && rests(position)) {
            position = next;
        }
        order.drawn(round, position);
        return position;
    }

    private boolean rests(long position) {
        Rest rest = rests.get(order.caseId(position));
        return rest != null && order.epoch(position) < rest.until();
    }
}
