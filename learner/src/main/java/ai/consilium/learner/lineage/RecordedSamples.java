package ai.consilium.learner.lineage;

import ai.consilium.schemas.Parent;
import java.util.Set;

/**
 * A learner is to be trained on what another run sampled, and on nothing else: its groups are all on the log when it starts, and it
 * ends with them.
 *
 * @param sampledBy versions of the other run; they are none of this run's, so that what they sampled is off policy unless this
 *     run has come to the same weights
 */
public record RecordedSamples(Set<Parent> sampledBy) {
    /** Copies the set. */
    public RecordedSamples {
        sampledBy = Set.copyOf(sampledBy);
    }
}
