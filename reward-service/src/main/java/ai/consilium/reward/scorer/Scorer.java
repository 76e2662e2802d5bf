package ai.consilium.reward.scorer;

import ai.consilium.schemas.Component;
import org.jspecify.annotations.Nullable;

/** Anything that gives a trajectory a score. Thread-safe; the same submission gets the same verdict where it can. */
public interface Scorer {
    /** Name, as in the configuration and in every Score. */
    String name();

    /** Which part of the advantage it feeds. */
    Component component();

    /** The perspective whose trajectories it scores; null scores all. */
    @Nullable
    String perspective();

    /** Content hash of its definition: two scorers of one version give the same scores. */
    String version();

    /** Whether a verdict takes a network round trip: such scorers run beside each other, on a bounded pool. */
    default boolean remote() {
        return false;
    }

    /** Whether it has to score trajectories of a perspective. */
    default boolean appliesTo(String of) {
        String own = perspective();
        return own == null || own.equals(of);
    }

    /** Its verdict. @throws InterruptedException when the service stops while a remote scorer is waited for */
    Verdict score(ScoringRequest submission) throws InterruptedException;
}
