package ai.consilium.platform.run;

import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A change of what a run is scored by, made while it goes on: a revision of its manifest that names another scoring
 * configuration than the one that its hosts were started with (docs/adr/0018-life-of-a-scorer.md).
 *
 * @param config that is in force from the next prompt on
 * @param change what was changed, for people
 */
public record ScoringRevision(ScoringConfig config, String change) {
    private static final String SECTION = "reward";

    /** Setting of a manifest: hash of the scoring configuration that the scheduler was started with. */
    public static final String CONFIGURED = SECTION + ".sha256";

    /**
     * Setting of a manifest: hash of the keys that this was made of, without what files hold. A file that changed is offered as
     * a shadow first, so it does not end what the run is scored by.
     */
    public static final String KEYS = SECTION + ".keys.sha256";

    private static final String OWN = SECTION + ".revision.";
    private static final String HASH = OWN + "sha256";
    private static final String CHANGE = OWN + "change";

    /** Whether a scorer's scores enter advantages. */
    public static boolean active(ScorerRef scorer) {
        return scorer.getRequired() && !scorer.getShadow();
    }

    /** Hash of the configuration that a manifest's revision put in force; empty where it is the one that was configured. */
    public static Optional<String> hash(RunManifest manifest) {
        return Optional.ofNullable(manifest.getSettings().get(HASH));
    }

    /** What that changed, for people. */
    public static String change(RunManifest manifest) {
        return manifest.getSettings().getOrDefault(CHANGE, "");
    }

    /**
     * Why a configuration cannot take the place of another while a run goes on; empty when it can. Scorers come and go; how
     * scores become advantages does not change.
     */
    public static Optional<String> problem(ScoringConfig before, ScoringConfig after) {
        if (!before.getEstimator().equals(after.getEstimator())) {
            return Optional.of(
                    "it has the estimator " + after.getEstimator() + ", the run has " + before.getEstimator());
        }
        if (!before.getParameters().equals(after.getParameters())) {
            return Optional.of("it has the weights " + new TreeMap<>(after.getParameters()) + ", the run has "
                    + new TreeMap<>(before.getParameters()));
        }
        if (after.getScorers().stream().noneMatch(ScoringRevision::active)) {
            return Optional.of("no scorer of it is active: no group would have an advantage");
        }
        return Optional.empty();
    }

    /** The manifest that puts this in force. */
    public RunManifest after(RunManifest newest, String writer, long nowMs) {
        SortedMap<String, String> settings = new TreeMap<>(newest.getSettings());
        settings.put(HASH, config.getHash());
        settings.put(CHANGE, change);
        return RunSettings.next(newest, settings, writer, nowMs);
    }

    /**
     * Settings of a scheduler that starts again, with what the run is scored by meanwhile: that stays, unless the scheduler is
     * given other keys than the ones that it began with.
     */
    static SortedMap<String, String> kept(SortedMap<String, String> settings, RunManifest newest) {
        Map<String, String> before = newest.getSettings();
        SortedMap<String, String> kept = new TreeMap<>(settings);
        String key = settings.containsKey(KEYS) && before.containsKey(KEYS) ? KEYS : CONFIGURED;
        if (Objects.equals(settings.get(key), before.get(key))) {
            before.forEach((name, value) -> {
                if (name.startsWith(OWN) || name.equals(CONFIGURED)) {
                    kept.put(name, value);
                }
            });
        }
        return kept;
    }
}
