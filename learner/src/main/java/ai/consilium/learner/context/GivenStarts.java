package ai.consilium.learner.context;

import ai.consilium.policy.adapter.Adapter;
import java.util.Map;
import java.util.Optional;

/**
 * Adapters that were trained elsewhere, which experts begin as instead of by the supervised start.
 *
 * @param agent of another run, that all of them begin as and that the merger takes off again
 * @param adapters of single specialties, by name
 */
public record GivenStarts(Optional<Adapter> agent, Map<String, Adapter> adapters) {
    /** Copies the map. */
    public GivenStarts {
        adapters = Map.copyOf(adapters);
    }

    /** Of single specialties alone. */
    public static GivenStarts of(Map<String, Adapter> adapters) {
        return new GivenStarts(Optional.empty(), adapters);
    }

    /** What the expert of one specialty begins as, where it is not the agent. */
    public Optional<Adapter> of(String specialty) {
        return Optional.ofNullable(adapters.get(specialty));
    }
}
