package ai.consilium.rollout.engine.vllm;

import ai.consilium.rollout.engine.AdapterVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which adapters of this process a server holds: for each policy the one that samples, the one that is to, and those that
 * requests under way still use. Thread-safe.
 */
final class LoadedAdapters {
    private final int slots;
    private final Map<String, AdapterVersion> wanted = new LinkedHashMap<>();
    private final Map<String, Held> sampling = new HashMap<>();
    private final List<Held> held = new ArrayList<>();

    /** An adapter on the server. */
    static final class Held {
        private final AdapterVersion version;
        private int requests;
        private boolean retired;

        private Held(AdapterVersion version) {
            this.version = version;
        }

        AdapterVersion version() {
            return version;
        }

        /** On the server. */
        String name() {
            return AdapterDirectories.name(version);
        }
    }

    LoadedAdapters(int slots) {
        this.slots = slots;
    }

    /** From now on this version is to sample for its policy. */
    synchronized void want(AdapterVersion version) {
        // Last in the order: no policy's updates keep another's from being loaded.
        wanted.remove(version.policy());
        wanted.put(version.policy(), version);
    }

    /** Nothing is to sample for the policy any more; what is under way goes on. */
    synchronized void drop(String policy) {
        wanted.remove(policy);
        Held now = sampling.remove(policy);
        if (now != null) {
            now.retired = true;
        }
    }

    /** A version to load now, of a policy without any first; none while the server has no slot for it. */
    synchronized Optional<AdapterVersion> next() {
        if (held.size() >= slots) {
            return Optional.empty();
        }
        List<AdapterVersion> missing = wanted.values().stream()
                .filter(version -> {
                    Held now = sampling.get(version.policy());
                    return now == null || !now.name().equals(AdapterDirectories.name(version));
                })
                .toList();
        return missing.stream()
                .filter(version -> !sampling.containsKey(version.policy()))
                .findFirst()
                .or(() -> missing.stream().findFirst());
    }

    /** It is being loaded, and takes a slot. */
    synchronized Held begin(AdapterVersion version) {
        Held loading = new Held(version);
        held.add(loading);
        return loading;
    }

    /** From now on it samples; the one before is retired. One that was dropped while it was loaded is so itself. */
    synchronized void ready(Held loaded) {
        if (!wanted.containsKey(loaded.version.policy())) {
            loaded.retired = true;
            return;
        }
        Held before = sampling.put(loaded.version.policy(), loaded);
        if (before != null) {
            before.retired = true;
        }
    }

    synchronized boolean ready(String policy) {
        return sampling.containsKey(policy);
    }

    /** The policy's adapter, for one request; {@link #release} ends its use. */
    synchronized Optional<Held> lease(String policy) {
        Held now = sampling.get(policy);
        if (now != null) {
            now.requests++;
        }
        return Optional.ofNullable(now);
    }

    synchronized void release(Held used) {
        used.requests--;
    }

    /** One that no request will use again. */
    synchronized Optional<Held> drained() {
        return held.stream()
                .filter(adapter -> adapter.retired && adapter.requests == 0)
                .findFirst();
    }

    /** Whether no other of its name is held, so that it can be unloaded: after an outage a version is loaded anew. */
    synchronized boolean last(Held adapter) {
        return held.stream().noneMatch(other -> other != adapter && other.name().equals(adapter.name()));
    }

    /** It needs no slot any more. */
    synchronized void remove(Held adapter) {
        held.remove(adapter);
    }

    /** Nothing samples any more: the server is not trusted, or was started anew. */
    synchronized void retireAll() {
        sampling.clear();
        held.forEach(adapter -> adapter.retired = true);
    }

    /** All that may be on the server. */
    synchronized List<Held> all() {
        return List.copyOf(held);
    }
}
