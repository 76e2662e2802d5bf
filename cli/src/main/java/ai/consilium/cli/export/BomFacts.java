package ai.consilium.cli.export;

import ai.consilium.runlog.lineage.LineageFiles;
import ai.consilium.runlog.lineage.LineageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a bill of materials says of an exported adapter.
 *
 * @param name as it was exported: {@code rl/pediatrics}
 * @param folded whether it is merged into the base's weights
 * @param rank of the adapter
 * @param card text of its card
 * @param base what the base is called
 * @param baseSha256 of the base's files
 * @param baseLicence as the base's card names it; empty where it names none
 * @param code version of Consilium
 * @param lineage of the version; empty where the run directory has none
 * @param datasheet of the cases; empty where there is none
 */
record BomFacts(
        String name,
        boolean folded,
        int rank,
        String card,
        String base,
        String baseSha256,
        Optional<String> baseLicence,
        String code,
        Optional<LineageRecord> lineage,
        Optional<Path> datasheet) {
    private static final Pattern LICENCE = Pattern.compile("(?m)^license:\\s*[\"']?([A-Za-z0-9.+-]+)");

    /** The lineage of the version with these tensors. */
    static Optional<LineageRecord> lineage(Path runDirectory, String tensorsSha256) throws IOException {
        LineageFiles files = LineageFiles.of(runDirectory);
        Optional<LineageRecord> newest = Optional.empty();
        for (String version : files.versions()) {
            Optional<byte[]> file = files.read(version);
            if (file.isPresent()) {
                LineageRecord record = LineageRecord.fromJson(file.get());
                // The agent may be published more than once: the gate's verdict on what stood already.
                if (record.adapter().exportedSha256().equals(tensorsSha256)
                        && newest.filter(other -> other.number() > record.number())
                                .isEmpty()) {
                    newest = Optional.of(record);
                }
            }
        }
        return newest;
    }

    /** The licence that a model's card names in its head. */
    static Optional<String> licence(Path model) throws IOException {
        Path card = model.resolve("README.md");
        if (!Files.isRegularFile(card)) {
            return Optional.empty();
        }
        Matcher named = LICENCE.matcher(Files.readString(card));
        return named.find() ? Optional.of(named.group(1)) : Optional.empty();
    }
}
