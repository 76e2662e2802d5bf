package ai.consilium.rollout.order;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * Which place of the order of cases a policy's next prompt takes. By pass rate, a case whose last group taught nothing sits out
 * what comes, the longer the more often it did so in a row: see {@link PassHistory}. Known from the log alone: prompts carry their
 * place, and of a case's groups the latest decide, in whatever order they are entered. One thread only.
 */
public final class CaseCurriculum {
    private static final double HALF = 0.5;

    private final boolean byPassRate;
    private final CaseOrder order;
    private final Map<String, Shown> shown = new HashMap<>();
    private final Map<String, PassHistory> histories = new HashMap<>();

    /** Where a group's case stood. */
    public record Shown(String caseId, long position) {}

    /**
     * What it knows.
     *
     * @param drawn of its order
     * @param shown where the cases of open groups stood, by group
     * @param histories what the latest groups of each case came to, by case
     */
    public record Content(
            SortedMap<Integer, Long> drawn, Map<String, Shown> shown, Map<String, PassHistory> histories) {}

    /** @param byPassRate whether cases sit out */
    public CaseCurriculum(boolean byPassRate, CaseOrder order) {
        this.byPassRate = byPassRate;
        this.order = order;
    }

    /** Takes what another knew. */
    public void restore(Content content) {
        order.restore(content.drawn());
        shown.putAll(content.shown());
        histories.putAll(content.histories());
    }

    /** What it knows. */
    public Content content() {
        return new Content(order.drawn(), Map.copyOf(shown), Map.copyOf(histories));
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
        histories.compute(
                of.caseId(),
                (id, history) -> entered(history == null ? PassHistory.NONE : history, of.position(), outcome));
    }

    /** A group that was too old, or that nobody finished, tells nothing of its case. */
    private static PassHistory entered(PassHistory history, long position, GroupOutcome outcome) {
        if (outcome.getOutcome() == Outcome.TRAINED) {
            return history.taughtAt(position);
        }
        Double passRate = outcome.getPassRate();
        return outcome.getOutcome() == Outcome.FILTERED && passRate != null
                ? history.alikeAt(position, passRate > HALF)
                : history;
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
        PassHistory history = histories.getOrDefault(order.caseId(position), PassHistory.NONE);
        return history.rest() > 0 && order.epoch(position) <= order.epoch(history.latestAlike()) + history.rest();
    }
}
