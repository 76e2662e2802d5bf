package ai.consilium.cli.export;

import ai.consilium.cli.run.BuildInfo;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.runlog.lineage.LineageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is laid beside an exported model.
 *
 * @param run directory of the run, where its lineage files lie; empty where they are not at hand
 * @param data root of its cases; empty where it is not known
 * @param key that signs; empty: it is not signed
 */
public record ExportPapers(Optional<Path> run, Optional<Path> data, Optional<SigningKey> key) {
    /**
     * A model that was exported.
     *
     * @param name as it was asked for
     * @param base what its base is called
     * @param baseFiles where it lies, if it is here
     * @param baseHash of the base's files
     * @param card text of its card
     * @param folded whether it is merged into the base's weights
     */
    public record Model(
            String name, Adapter adapter, String base, Path baseFiles, String baseHash, String card, boolean folded) {}

    /**
     * Reads the key.
     *
     * @param keyFile PEM; null: nothing is signed
     * @throws ai.consilium.platform.UsageException saying what is wrong with the key
     */
    public static ExportPapers of(Optional<Path> run, Optional<Path> data, @Nullable Path keyFile) {
        return new ExportPapers(run, data, Optional.ofNullable(keyFile).map(SigningKey::read));
    }

    /** Writes the bill of materials, then the signature over everything. */
    public void write(Path out, Model model) throws IOException {
        Optional<LineageRecord> lineage = run.isEmpty()
                ? Optional.empty()
                : BomFacts.lineage(run.get(), model.adapter().hash());
        new ModelBom(new BomFacts(
                        model.name(),
                        model.folded(),
                        model.adapter().rank(),
                        model.card(),
                        model.base(),
                        model.baseHash(),
                        BomFacts.licence(model.baseFiles()),
                        new BuildInfo().version(),
                        lineage,
                        data.map(root -> root.resolve("datasheet.json")).filter(Files::isRegularFile)))
                .write(out);
        if (key.isPresent()) {
            ModelSignature.write(out, key.get());
        }
    }
}
