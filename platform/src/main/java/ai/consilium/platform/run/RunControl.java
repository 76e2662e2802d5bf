package ai.consilium.platform.run;

import ai.consilium.schemas.RunManifest;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a run was told to do, by the newest revision of its manifest (docs/adr/0020-rounds-that-go-on.md). */
public enum RunControl {
    /** To go on; so is one that was never told anything. */
    GO("goes on"),
    /** To open no more groups; what is open is trained on, or waits for its batch to be filled. */
    PAUSE("is paused: nothing new is sampled until consilium control go"),
    /** To end with the round that is under way. */
    FINISH("ends with this round"),
    /** To end all of its processes, to be resumed. */
    STOP("is stopped, to be resumed");

    /** Setting of a manifest. */
    private static final String KEY = "control";

    private final String told;

    RunControl(String told) {
        this.told = told;
    }

    /** By a manifest. @throws IllegalArgumentException when a later version told it something else */
    public static RunControl of(RunManifest manifest) {
        return told(manifest).orElse(GO);
    }

    /** The same; empty when it was never told anything. */
    public static Optional<RunControl> told(RunManifest manifest) {
        return Optional.ofNullable(manifest.getSettings().get(KEY))
                .map(label -> labelled(label)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "revision %d of run %s tells it to %s, which this version does not know"
                                        .formatted(manifest.getRevision(), manifest.getRunId(), label))));
    }

    /** By its name in a manifest. */
    public static Optional<RunControl> labelled(String label) {
        return Arrays.stream(values())
                .filter(control -> control.label().equals(label))
                .findFirst();
    }

    /** Its name in a manifest. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What the run does, for people. */
    public String told() {
        return told;
    }

    /** Whether groups are opened. */
    public boolean opensGroups() {
        return this == GO || this == FINISH;
    }

    /** The manifest that tells it. */
    public RunManifest after(RunManifest newest, String writer, long nowMs) {
        SortedMap<String, String> settings = new TreeMap<>(newest.getSettings());
        settings.put(KEY, label());
        return RunSettings.next(newest, settings, writer, nowMs);
    }

    /** Settings of a scheduler that starts again, with what the run was told. */
    static SortedMap<String, String> kept(SortedMap<String, String> settings, RunManifest newest) {
        SortedMap<String, String> kept = new TreeMap<>(settings);
        String told = newest.getSettings().get(KEY);
        if (told != null) {
            kept.put(KEY, told);
        }
        return kept;
    }
}
