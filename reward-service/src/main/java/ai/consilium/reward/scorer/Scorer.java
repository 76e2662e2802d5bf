package ai.consilium.reward.scorer;

import ai.consilium.schemas.Component;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Anything that gives a trajectory a score. Thread-safe; the same submission gets the same verdict where it can. */
public interface Scorer {
    /** Which scorer it is. */
    ScorerType.Identity identity();

    /** Name, as in the configuration and in every Score. */
    default String name() {
        return identity().name();
    }

    /** Which part of the advantage it feeds. */
    Component component();

    /** The perspective whose trajectories it scores; null scores all. */
    default @Nullable String perspective() {
        return identity().perspective();
    }

    /** Content hash of its definition: two scorers of one version give the same scores. */
    default String version() {
        return identity().version();
    }

    /** Whether a verdict takes a network round trip: such scorers have threads of their own, the others score at once. */
    default boolean remote() {
        return false;
    }

    /** How a remote scorer may be asked. */
    default RequestLimits limits() {
        return RequestLimits.ONE_TRY;
    }

    /** Whether it has to score trajectories of a perspective. */
    default boolean appliesTo(String of) {
        String own = perspective();
        return own == null || own.equals(of);
    }

    /**
     * Its verdict, by one try.
     *
     * @throws ScorerUnavailableException when another try may help; of remote scorers only
     * @throws InterruptedException when the service stops while a remote scorer is waited for
     */
    Verdict score(ScoringRequest submission) throws ScorerUnavailableException, InterruptedException;

    /**
     * Its verdicts on trajectories that are asked about together, in their order; at most {@link RequestLimits#batch} are.
     *
     * @throws ScorerUnavailableException when another try may help
     * @throws InterruptedException when the service stops meanwhile
     */
    default List<Verdict> scoreAll(List<ScoringRequest> submissions)
            throws ScorerUnavailableException, InterruptedException {
        return List.of(score(submissions.get(0)));
    }
}
