package ai.consilium.policy.adapter;

import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.WeightLayout;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The decoder as adapters change it, to sample with: copies of its matrices with the update added in, so that decoding pays
 * nothing for LoRA, or the base itself with the adapter's factors beside it. Keeps those of the adapters used last, within a
 * bound of bytes; what is in use is never freed. Thread-safe.
 */
public final class AdaptedWeights implements AutoCloseable {
    /** Rows of a batch that the layout of prepacked matrices is made for. */
    private static final int USUAL_ROWS = 32;

    private final PolicyModel model;
    private final Folding folding;
    private final boolean folded;
    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private final Object making = new Object();
    private final Scope shared = Scope.open();
    private @Nullable Tensor head;
    private long bytes;
    private long largest;

    private static final class Entry {
        private final Scope scope;
        private final List<Tensor> decoder;
        private final List<Tensor> lora;
        private final long bytes;
        private Adapter newest;
        private int users;

        Entry(Scope scope, List<Tensor> decoder, List<Tensor> lora, long bytes, Adapter adapter) {
            this.scope = scope;
            this.decoder = decoder;
            this.lora = lora;
            this.bytes = bytes;
            this.newest = adapter;
        }
    }

    /**
     * Weights lent until closed.
     *
     * @param decoder as decoder.py numbers them
     * @param lora factors as decoder.py takes them; none where the update is in the weights
     */
    public record Lease(List<Tensor> decoder, List<Tensor> lora, Runnable giveBack) implements AutoCloseable {
        @Override
        public void close() {
            giveBack.run();
        }
    }

    public AdaptedWeights(PolicyModel model, Folding folding) {
        this.model = model;
        this.folding = folding;
        this.folded = folding.folds(copyBytes(), headBytes());
    }

    /** Whether the update is in the weights that are lent. */
    public boolean folded() {
        return folded;
    }

    /** Lends the weights of an adapter, or the base's. Call on a compute thread. */
    public Lease lend(@Nullable Adapter adapter) {
        if (adapter == null) {
            return new Lease(model.weights().decoder(), List.of(), () -> {});
        }
        Lease known = lendKnown(adapter);
        if (known != null) {
            return known;
        }
        String hash = adapter.hash();
        // Who wants what is there already need not wait until another adapter is ready.
        synchronized (making) {
            Lease equal = lendEqual(hash, adapter);
            return equal == null ? add(hash, made(adapter)) : equal;
        }
    }

    /** Hashing costs milliseconds; the same object need not be hashed again. */
    @SuppressWarnings("ReferenceEquality") // identity is what saves the time
    private synchronized @Nullable Lease lendKnown(Adapter adapter) {
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            if (entry.getValue().newest == adapter) {
                return lendEqual(entry.getKey(), adapter);
            }
        }
        return null;
    }

    private synchronized @Nullable Lease lendEqual(String hash, Adapter adapter) {
        Entry entry = entries.get(hash);
        if (entry == null) {
            return null;
        }
        entry.newest = adapter;
        return lease(entry);
    }

    private synchronized Lease add(String hash, Entry entry) {
        entries.put(hash, entry);
        bytes += entry.bytes;
        return lease(entry);
    }

    private Lease lease(Entry entry) {
        entry.users++;
        return new Lease(entry.decoder, entry.lora, () -> giveBack(entry));
    }

    private Entry made(Adapter adapter) {
        long needed = folded ? copyBytes() : factorBytes(adapter);
        makeRoom(needed);
        return folded ? fold(adapter, needed) : beside(adapter, needed);
    }

    private Entry fold(Adapter adapter, long needed) {
        return entry(
                adapter,
                needed,
                (resident, scope) -> model.script()
                        .call(
                                scope,
                                "fold",
                                model.weights().decoder(),
                                head(),
                                resident.a(),
                                resident.b(),
                                resident.scale(),
                                model.precision().dtype(),
                                USUAL_ROWS));
    }

    private Entry beside(Adapter adapter, long needed) {
        return entry(adapter, needed, (resident, scope) -> resident.fused(model, scope));
    }

    private interface Work {
        List<Tensor> of(ResidentAdapter resident, Scope scope);
    }

    private Entry entry(Adapter adapter, long needed, Work work) {
        Scope scope = Scope.open();
        try (Scope step = Scope.open()) {
            ResidentAdapter resident = ResidentAdapter.load(adapter, model.config(), step);
            List<Tensor> result = work.of(resident, scope);
            return folded
                    ? new Entry(scope, result, List.of(), needed, adapter)
                    : new Entry(scope, model.weights().decoder(), result, needed, adapter);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /** No adapter changes the head: all copies share its packed form. */
    private Tensor head() {
        if (head == null) {
            head = model.script()
                    .call(shared, "packed_head", model.weights().decoder(), USUAL_ROWS)
                    .get(0);
        }
        return head;
    }

    private long copyBytes() {
        return WeightLayout.projectionSize(model.config()) * model.precision().bytes();
    }

    private long headBytes() {
        return (long) model.directory().completionTokens().ids()
                * model.config().hidden()
                * model.precision().bytes();
    }

    private long factorBytes(Adapter adapter) {
        return ResidentAdapter.fusedSize(model.config(), adapter.rank(), adapter.targets())
                * model.precision().bytes();
    }

    private synchronized void giveBack(Entry entry) {
        entry.users--;
        makeRoom(0);
    }

    /** The least recently used leave, unless somebody uses them. */
    private synchronized void makeRoom(long needed) {
        largest = Math.max(largest, needed);
        long most = Math.multiplyExact(folding.copies(), largest);
        Iterator<Entry> oldest = entries.values().iterator();
        while (bytes + needed > most && oldest.hasNext()) {
            Entry entry = oldest.next();
            if (entry.users == 0) {
                oldest.remove();
                bytes -= entry.bytes;
                entry.scope.close();
            }
        }
    }

    @Override
    public synchronized void close() {
        entries.values().forEach(entry -> entry.scope.close());
        entries.clear();
        bytes = 0;
        shared.close();
    }
}
