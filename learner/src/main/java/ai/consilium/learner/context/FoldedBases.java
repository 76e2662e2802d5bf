package ai.consilium.learner.context;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.FoldedBase;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.schemas.PolicyUpdate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The model with an agent folded in, once for all learners of a process that train over it, and as long as one does. Thread-safe. */
public final class FoldedBases {
    private final PolicyModel model;
    private final Map<String, Entry> entries = new HashMap<>();

    private static final class Entry {
        private final FoldedBase base;
        private int users;

        private Entry(FoldedBase base) {
            this.base = base;
        }
    }

    /** Of a model, which must outlive them. */
    public FoldedBases(PolicyModel model) {
        this.model = model;
    }

    /**
     * Lends one; the first to ask makes it, and others wait.
     *
     * @param update that published the agent
     * @param agent its adapter
     */
    public synchronized Ground lend(PolicyUpdate update, Adapter agent) {
        String hash = update.getAdapterHash();
        Entry entry = entries.computeIfAbsent(hash, made -> new Entry(FoldedBase.of(model, agent)));
        entry.users++;
        return new Ground(
                entry.base.model(),
                Optional.of(new Ground.Folded(update, agent, entry.base.hash())),
                () -> giveBack(hash));
    }

    private synchronized void giveBack(String hash) {
        Entry entry = entries.get(hash);
        if (entry != null && --entry.users == 0) {
            entry.base.close();
            entries.remove(hash);
        }
    }
}
