package ai.consilium.rollout.scheduler;

import ai.consilium.platform.run.ScoringRevision;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a run is scored by: the scheduler's own configuration, until a revision of the manifest names another. What comes out
 * depends on the order of the revisions alone.
 */
final class ScoringBook {
    private final ScoringConfig configured;
    private final Map<String, ScoringConfig> byHash = new HashMap<>();
    private final Set<String> scorers = new TreeSet<>();
    private ScoringConfig inForce;

    /** @param configured what the scheduler was started with */
    ScoringBook(ScoringConfig configured) {
        this.configured = configured;
        this.inForce = configured;
        stands(configured);
        becomes(configured);
    }

    /** A configuration stands on the log. */
    void stands(ScoringConfig config) {
        byHash.putIfAbsent(config.getHash(), config);
    }

    boolean knows(String hash) {
        return byHash.containsKey(hash);
    }

    /** What the next prompts are stamped with. */
    ScoringConfig inForce() {
        return inForce;
    }

    /** Names of all scorers that were ever in force. */
    Set<String> scorers() {
        return Collections.unmodifiableSet(scorers);
    }

    /**
     * Takes a revision in.
     *
     * @return why what it names stays out of force; empty otherwise
     */
    Optional<String> take(RunManifest manifest) {
        Optional<String> revised = ScoringRevision.hash(manifest);
        if (revised.isEmpty()) {
            String hash = manifest.getSettings().getOrDefault(ScoringRevision.CONFIGURED, configured.getHash());
            becomes(byHash.getOrDefault(hash, configured));
            return Optional.empty();
        }
        ScoringConfig config = byHash.get(revised.get());
        if (config == null) {
            return refused(manifest, "it is not on the log");
        }
        Optional<String> problem = ScoringRevision.problem(inForce, config);
        if (problem.isPresent()) {
            return refused(manifest, problem.get());
        }
        becomes(config);
        return Optional.empty();
    }

    private static Optional<String> refused(RunManifest manifest, String why) {
        return Optional.of("revision %d of the run is not taken in: %s".formatted(manifest.getRevision(), why));
    }

    private void becomes(ScoringConfig config) {
        inForce = config;
        config.getScorers().stream().map(ScorerRef::getName).forEach(scorers::add);
    }
}
