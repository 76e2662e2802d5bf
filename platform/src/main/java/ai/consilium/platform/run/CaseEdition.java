package ai.consilium.platform.run;

import ai.consilium.schemas.RunManifest;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The training cases that a run draws on from a round on: a beginning of the training file. When lines were added to the file
 * between two rounds, a revision of the run's manifest names the next edition (docs/adr/0022-cases-that-are-added.md).
 *
 * @param fromRound of the run, from 0
 * @param cases in it; 0 where the manifest does not say it, as early ones do not
 * @param sha256 of the beginning, hex
 * @param imagesSha256 of the pictures that its cases show; empty where the manifest does not say it
 */
public record CaseEdition(int fromRound, int cases, String sha256, String imagesSha256) {
    private static final String FILE = "data_root/train.jsonl";

    /** Setting of a manifest: SHA-256 of the training cases. */
    public static final String SHA256 = FILE + ".sha256";

    /** Setting of a manifest: SHA-256 of the pictures that they show. */
    public static final String IMAGES = FILE + ".images.sha256";

    /** Setting of a manifest: how many they are. */
    public static final String CASES = FILE + ".cases";

    /** The newest by a manifest; empty where it names none. */
    public static Optional<CaseEdition> of(RunManifest manifest) {
        Map<String, String> settings = manifest.getSettings();
        return Optional.ofNullable(settings.get(SHA256))
                .map(sha256 -> new CaseEdition(
                        manifest.getFromRound(),
                        Integer.parseInt(settings.getOrDefault(CASES, "0")),
                        sha256,
                        settings.getOrDefault(IMAGES, "")));
    }

    /** The manifest that puts it in force. */
    public RunManifest after(RunManifest newest, String writer, long nowMs) {
        SortedMap<String, String> settings = new TreeMap<>(newest.getSettings());
        settings.put(SHA256, sha256);
        if (!imagesSha256.isEmpty()) {
            settings.put(IMAGES, imagesSha256);
        }
        settings.put(CASES, Integer.toString(cases));
        return RunManifest.newBuilder(RunSettings.next(newest, settings, writer, nowMs))
                .setFromRound(fromRound)
                .build();
    }

    /** For people, who count rounds from 1. */
    public String told() {
        return (cases == 0 ? "cases" : cases + " cases") + " since round " + (fromRound + 1);
    }
}
