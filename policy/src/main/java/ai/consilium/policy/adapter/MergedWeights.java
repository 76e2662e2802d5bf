package ai.consilium.policy.adapter;

import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decoder weights with an adapter's update added in, so that decoding pays nothing for LoRA. Keeps those of the adapters
 * used last; weights in use are never freed. Thread-safe.
 */
public final class MergedWeights implements AutoCloseable {
    private static final int KEPT = 8;
    /** Rows of a batch that the layout of prepacked matrices is made for. */
    private static final int USUAL_ROWS = 32;

    private final PolicyModel model;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private static final class Entry {
        private final Scope scope;
        private final PolicyModel.Weights weights;
        private Adapter newest;
        private int users;

        Entry(Scope scope, PolicyModel.Weights weights, Adapter adapter) {
            this.scope = scope;
            this.weights = weights;
            this.newest = adapter;
        }
    }

    /** Weights lent until closed. */
    public record Lease(PolicyModel.Weights weights, Runnable giveBack) implements AutoCloseable {
        @Override
        public void close() {
            giveBack.run();
        }
    }

    public MergedWeights(PolicyModel model) {
        this.model = model;
    }

    /** Lends the weights of an adapter, or the base's. Call on a compute thread. */
    public synchronized Lease lend(@Nullable Adapter adapter) {
        if (adapter == null) {
            return new Lease(model.weights(), () -> {});
        }
        String hash = hash(adapter);
        Entry entry = entries.get(hash);
        if (entry == null) {
            entry = merge(adapter);
            entries.put(hash, entry);
            evict();
        }
        entry.newest = adapter;
        entry.users++;
        Entry lent = entry;
        return new Lease(entry.weights, () -> giveBack(lent));
    }

    /** Hashing costs milliseconds; the same object need not be hashed again. */
    @SuppressWarnings("ReferenceEquality") // identity is what saves the time
    private String hash(Adapter adapter) {
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            if (entry.getValue().newest == adapter) {
                return entry.getKey();
            }
        }
        return adapter.hash();
    }

    private Entry merge(Adapter adapter) {
        Scope scope = Scope.open();
        try (Scope step = Scope.open()) {
            ResidentAdapter resident = ResidentAdapter.load(adapter, model.config(), step);
            List<Tensor> decoder = model.script()
                    .call(
                            scope,
                            "fold",
                            model.weights().decoder(),
                            resident.a(),
                            resident.b(),
                            resident.scale(),
                            model.precision().dtype(),
                            USUAL_ROWS);
            return new Entry(
                    scope, new PolicyModel.Weights(decoder, model.weights().vision()), adapter);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    private synchronized void giveBack(Entry entry) {
        entry.users--;
        evict();
    }

    private void evict() {
        Iterator<Entry> oldest = entries.values().iterator();
        while (entries.size() > KEPT && oldest.hasNext()) {
            Entry entry = oldest.next();
            if (entry.users == 0) {
                oldest.remove();
                entry.scope.close();
            }
        }
    }

    @Override
    public synchronized void close() {
        entries.values().forEach(entry -> entry.scope.close());
        entries.clear();
    }
}
