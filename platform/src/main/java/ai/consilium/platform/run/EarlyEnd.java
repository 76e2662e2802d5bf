package ai.consilium.platform.run;

import ai.consilium.schemas.RunManifest;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The end of a policy's training in a round before its last step, because it gets no further: told to its learner by a revision of the
 * run's manifest (docs/adr/0027-experts-that-get-no-further.md).
 *
 * @param policy that is trained no further
 * @param round in which, from 0
 */
public record EarlyEnd(String policy, int round) {
    /** Settings of a manifest: the last round that a policy ended early, by policy. */
    private static final String OWN = "early_end.";

    /** Whether a manifest tells it. */
    public boolean told(RunManifest manifest) {
        return Integer.toString(round).equals(manifest.getSettings().get(OWN + policy));
    }

    /** The manifest that tells it. */
    public RunManifest after(RunManifest newest, String writer, long nowMs) {
        SortedMap<String, String> settings = new TreeMap<>(newest.getSettings());
        settings.put(OWN + policy, Integer.toString(round));
        return RunSettings.next(newest, settings, writer, nowMs);
    }

    /** Settings of a scheduler that starts again, with what was told. */
    static SortedMap<String, String> kept(SortedMap<String, String> settings, RunManifest newest) {
        SortedMap<String, String> kept = new TreeMap<>(settings);
        newest.getSettings().forEach((key, value) -> {
            if (key.startsWith(OWN)) {
                kept.put(key, value);
            }
        });
        return kept;
    }
}
