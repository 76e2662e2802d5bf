package ai.consilium.rollout.scheduler;

import ai.consilium.platform.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The books of a run's rounds, opened as they are needed. One thread only. */
final class Rounds {
    private final IntFunction<RoundBooks> empty;
    private final List<RoundBooks> books = new ArrayList<>();
    /** 0: nobody knows yet. */
    private int last;

    /**
     * Of a run.
     *
     * @param number of its rounds; 0: until it is told to stop
     * @param empty books of a round
     */
    Rounds(int number, IntFunction<RoundBooks> empty) {
        this.last = number;
        this.empty = empty;
    }

    /** What they hold. @param last number of rounds; 0: nobody knows yet */
    record Content(int last, List<RoundBooks.Content> books) {}

    /** Books of a round that hold what others held. */
    interface Full {
        RoundBooks of(int round, RoundBooks.Content content);
    }

    /** Takes what others held. */
    void restore(Content content, Full full) {
        last = content.last();
        books.clear();
        content.books().forEach(of -> books.add(full.of(books.size(), of)));
    }

    /** What they hold. */
    Content content() {
        return new Content(last, books.stream().map(RoundBooks::content).toList());
    }

    /** A round's books. @throws UsageException when the run was begun with fewer */
    RoundBooks of(int round) {
        if (round < 0 || last > 0 && round >= last) {
            throw new UsageException("rounds: the log has records of round " + (round + 1) + ", but this run has "
                    + last + "; set it back");
        }
        while (books.size() <= round) {
            books.add(empty.apply(books.size()));
        }
        return books.get(round);
    }

    /** Those of which anything is known, in their order. */
    List<RoundBooks> begun() {
        return List.copyOf(books);
    }

    /** The run was told to stop, and ended with this round. */
    void endedWith(int round) {
        last = round + 1;
    }

    /** Whether there are no others, and all are over. */
    boolean over() {
        return last > 0
                && books.size() >= last
                && books.subList(0, last).stream()
                        .allMatch(round -> round.admission().over());
    }

    /** The round that is under way: the first that is not over, or the last. */
    AdmissionController current() {
        for (int round = 0; last == 0 || round < last; round++) {
            AdmissionController admission = of(round).admission();
            if (!admission.over() || round == last - 1) {
                return admission;
            }
        }
        throw new IllegalStateException("a run has a round");
    }
}
