package ai.consilium.policy.training;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Adapters that a policy is distilled from: each learns nothing, and all stand over the policy's own copy of the base. */
public final class Teachers implements AutoCloseable {
    private final Scope scope = Scope.open();
    private final SortedMap<String, ResidentAdapter> adapters = new TreeMap<>();

    /**
     * Loads them.
     *
     * @param adapters by the names that lessons give
     * @throws ai.consilium.policy.ModelException when one does not fit the model
     */
    public Teachers(PolicyModel model, Map<String, Adapter> adapters) {
        try {
            adapters.forEach(
                    (name, adapter) -> this.adapters.put(name, ResidentAdapter.load(adapter, model.config(), scope)));
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /** @throws IllegalArgumentException when there is none of this name */
    ResidentAdapter named(String name) {
        ResidentAdapter adapter = adapters.get(name);
        if (adapter == null) {
            throw new IllegalArgumentException("teacher '" + name + "' is none of " + adapters.keySet());
        }
        return adapter;
    }

    @Override
    public void close() {
        scope.close();
    }
}
