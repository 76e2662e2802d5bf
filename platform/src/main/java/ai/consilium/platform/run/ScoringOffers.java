package ai.consilium.platform.run;

import ai.consilium.schemas.ScoringConfig;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Where changes of what a run is scored by come from, beside people's commands. */
@FunctionalInterface
public interface ScoringOffers {
    /** Nothing is offered. */
    ScoringOffers NONE = (inForce, known, refused) -> Optional.empty();

    /**
     * What is to take the place of the configuration in force; empty when nothing has changed. Asked every few seconds.
     *
     * @param known names of all scorers that the run ever had
     * @param refused told of what cannot be used, once
     */
    Optional<ScoringRevision> next(ScoringConfig inForce, Set<String> known, Consumer<String> refused);
}
