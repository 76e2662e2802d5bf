package ai.consilium.learner.sft;

import ai.consilium.cases.format.Case;
import ai.consilium.random.SplitMix64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * The curriculum of one specialty: a pure function of the cases and the seed, so that an adaptation that was interrupted begins
 * again with the same batches. A specialty's traces are the same wherever they are used: in its own adaptation, in the shared
 * start, replayed in another's.
 */
final class TraceOrder implements Curriculum {
    private final List<Case> own;
    private final List<Case> union;
    private final List<String> perspectives;
    private final double replay;
    private final long seed;

    /**
     * Chooses the cases of a specialty, and those of all specialties for replay.
     *
     * @param cases the training cases
     * @param perspectives under which a case is imitated, in turn
     * @param traces how many cases of a specialty are imitated
     * @param replay share of the picks that comes from the union
     * @param seed of the run
     * @throws IllegalArgumentException when there is no case of the specialty
     */
    TraceOrder(
            List<Case> cases,
            String specialty,
            List<String> perspectives,
            ToIntFunction<String> traces,
            double replay,
            long seed) {
        this.perspectives = List.copyOf(perspectives);
        this.own = first(cases, specialty, traces.applyAsInt(specialty), seed);
        if (own.isEmpty()) {
            throw new IllegalArgumentException("there is no training case of specialty '" + specialty + "'");
        }
        this.union = cases.stream()
                .map(Case::specialty)
                .distinct()
                .sorted()
                .flatMap(other -> first(cases, other, traces.applyAsInt(other), seed).stream())
                .toList();
        this.replay = replay;
        this.seed = SplitMix64.seed(seed, "replay", specialty);
    }

    @Override
    public int traces() {
        return own.size();
    }

    @Override
    public List<Pick> batch(long step, int size) {
        List<Pick> picks = new ArrayList<>(size);
        Random draws = new Random(SplitMix64.seed(seed + step, "draws"));
        for (int i = 0; i < size; i++) {
            long index = step * size + i;
            long epoch = index / own.size();
            int position = (int) (index % own.size());
            // Shifted by one each epoch, so that every case meets every perspective.
            String perspective = perspectives.get((int) ((position + epoch) % perspectives.size()));
            boolean replayed = draws.nextDouble() < replay;
            int other = draws.nextInt(union.size());
            picks.add(new Pick(replayed ? union.get(other) : own.get(position), perspective));
        }
        return picks;
    }

    private static List<Case> first(List<Case> cases, String specialty, int count, long seed) {
        List<Case> shuffled = new ArrayList<>(
                cases.stream().filter(c -> c.specialty().equals(specialty)).toList());
        Collections.shuffle(shuffled, new Random(SplitMix64.seed(seed, "traces", specialty)));
        return List.copyOf(shuffled.subList(0, Math.min(count, shuffled.size())));
    }
}
