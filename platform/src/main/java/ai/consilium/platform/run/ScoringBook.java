package ai.consilium.platform.run;

import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a run is scored by: the scheduler's own configuration, until a revision of the manifest names another. What comes out
 * depends on the order of the revisions alone.
 */
public final class ScoringBook {
    private final ScoringConfig configured;
    private final Map<String, ScoringConfig> byHash = new HashMap<>();
    private final List<ScoringConfig> history = new ArrayList<>();
    private ScoringConfig inForce;

    /** @param configured what the scheduler was started with */
    public ScoringBook(ScoringConfig configured) {
        this.configured = configured;
        this.inForce = configured;
        stands(configured);
        becomes(configured);
    }

    /** A configuration stands on the log. */
    public void stands(ScoringConfig config) {
        byHash.putIfAbsent(config.getHash(), config);
    }

    /** Whether what a revision names stands on the log. */
    public boolean knows(RunManifest manifest) {
        return ScoringRevision.hash(manifest)
                .or(() -> Optional.ofNullable(manifest.getSettings().get(ScoringRevision.CONFIGURED)))
                .map(byHash::containsKey)
                .orElse(true);
    }

    /** What the next prompts are stamped with. */
    public ScoringConfig inForce() {
        return inForce;
    }

    /** What was ever in force, the newest last. */
    public List<ScoringConfig> history() {
        return List.copyOf(history);
    }

    /** Names of all scorers that were ever in force. */
    public Set<String> scorers() {
        return history.stream()
                .flatMap(config -> config.getScorers().stream())
                .map(ScorerRef::getName)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Takes a revision in.
     *
     * @return why what it names stays out of force; empty otherwise
     */
    public Optional<String> take(RunManifest manifest) {
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
        history.remove(config);
        history.add(config);
    }
}
