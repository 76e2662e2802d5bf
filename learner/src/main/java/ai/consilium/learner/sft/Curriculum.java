package ai.consilium.learner.sft;

import ai.consilium.cases.format.Case;
import java.util.ArrayList;
import java.util.List;

/** Which case is imitated under which perspective, step by step. */
interface Curriculum {
    /** A case under a perspective. */
    record Pick(Case of, String perspective) {}

    /** Examples of a step, 0 for the first. */
    List<Pick> batch(long step, int size);

    /** Cases that are imitated. */
    int traces();

    /** Several curricula in equal shares of every batch; what does not divide goes to the first ones. */
    static Curriculum together(List<? extends Curriculum> parts) {
        return new Curriculum() {
            @Override
            public List<Pick> batch(long step, int size) {
                List<Pick> picks = new ArrayList<>(size);
                for (int i = 0; i < parts.size(); i++) {
                    int share = size / parts.size() + (i < size % parts.size() ? 1 : 0);
                    picks.addAll(parts.get(i).batch(step, share));
                }
                return picks;
            }

            @Override
            public int traces() {
                return parts.stream().mapToInt(Curriculum::traces).sum();
            }
        };
    }
}
