package ai.consilium.rollout.worker;

import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.schemas.PolicyUpdate;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Versions that are examined. Each samples under a name of its own, so that its policy moves on meanwhile; of each policy the one
 * that was asked for last is kept, others until their groups have ended. Thread-safe.
 */
final class PinnedAdapters implements AutoCloseable {
    private final AdapterLog<Adapter> adapters;
    private final InferenceEngine engine;
    /** By name, in the order in which they were first asked for. */
    private final Map<String, Pin> pins = new LinkedHashMap<>();
    /** Apart from the pins: who lets one go must not wait for a fetch. */
    private final Object fetching = new Object();

    private static final class Pin {
        private final String policy;
        private int groups;

        private Pin(String policy) {
            this.policy = policy;
        }
    }

    PinnedAdapters(RunContext context, InferenceEngine engine) {
        this.adapters = new AdapterLog<>(
                context.kafka(),
                context.policies(),
                Adapter::fromSafetensors,
                Adapter::hash,
                Adapter::beside,
                FastSha256::digest);
        this.engine = engine;
    }

    /**
     * Holds a version for one group, fetching it if need be; {@link #release} lets it go.
     *
     * @return the name that it samples under
     * @throws ai.consilium.platform.adapter.AdapterGoneException when it is no longer on the log
     */
    String pin(PolicyUpdate update) {
        String name = ExaminedGroup.version(update.getSpecialty(), update.getVersion());
        if (join(name)) {
            return name;
        }
        synchronized (fetching) {
            if (!join(name)) {
                Adapter adapter = adapters.fetch(update);
                engine.use(new AdapterVersion(name, update.getVersion(), update.getAdapterHash(), adapter));
                begin(name, update.getSpecialty());
            }
        }
        return name;
    }

    private synchronized boolean join(String name) {
        Pin pin = pins.get(name);
        if (pin == null) {
            return false;
        }
        pin.groups++;
        return true;
    }

    private synchronized void begin(String name, String policy) {
        Pin pin = new Pin(policy);
        pin.groups = 1;
        pins.put(name, pin);
        letGo(policy);
    }

    /** A group that it was held for has ended. */
    synchronized void release(String name) {
        Pin pin = pins.get(name);
        if (pin != null) {
            pin.groups--;
            letGo(pin.policy);
        }
    }

    /** Older ones of a policy that no group needs. */
    private void letGo(String policy) {
        String newest = "";
        for (Map.Entry<String, Pin> pin : pins.entrySet()) {
            newest = pin.getValue().policy.equals(policy) ? pin.getKey() : newest;
        }
        String kept = newest;
        pins.entrySet().removeIf(entry -> {
            Pin pin = entry.getValue();
            boolean idle = pin.policy.equals(policy) && pin.groups == 0;
            boolean gone = idle && !entry.getKey().equals(kept);
            if (gone) {
                engine.drop(entry.getKey());
            }
            return gone;
        });
    }

    @Override
    public void close() {
        adapters.close();
    }
}
