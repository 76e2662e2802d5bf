package ai.consilium.cli.command.log;

import ai.consilium.cli.config.InstallDirectory;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.directory.FinishedRun;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.export.ExportPapers;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.LoggedAdapter;
import ai.consilium.fetch.SourceAddress;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.MergedDirectory;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.runlog.VersionSelector;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium export}: an adapter of a run, or the base with it merged in, for use elsewhere. */
@Command(
        name = "export",
        description = {
            "Writes an adapter of a run as a directory that Hugging Face PEFT loads, or, with --fold, the base with the"
                    + " adapter added to its weights as a directory that Hugging Face transformers loads.",
            "Of a finished run of 'train' by name (unified, rl/SPECIALTY ...); of any run, on a cluster too and while it goes on,"
                    + " by version: POLICY@NUMBER or POLICY@latest, fetched from its log."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium export --run-dir runs/a --out exported/agent                          # unified, for PEFT",
            "  consilium export --run-dir runs/a --adapter rl/pediatrics --fold --out exported/pediatrics",
            "  consilium export --run-dir runs/a --adapter pediatrics@12 --out exported/pediatrics-12",
            "  consilium export --set kafka.bootstrap.servers=HOST:9092 --set schema_registry.url=http://HOST:8081 \\",
            "    --set run_id=RUN --adapter unified@latest --out exported/agent               # from a cluster",
            "  consilium export --run-dir runs/a --out exported/agent --sign-key key.pem       # signed (docs/LINEAGE.md)"
        })
public final class ExportCommand implements Callable<Integer> {
    private static final String UNIFIED = "unified";

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions log;

    @Option(
            names = "--adapter",
            paramLabel = "NAME",
            description =
                    "unified, shared, rl/SPECIALTY or dsa/SPECIALTY of a finished run's directory; POLICY@NUMBER or"
                            + " POLICY@latest of any run's log (default: unified, of a cluster unified@latest).")
    private @Nullable String name;

    @Option(names = "--fold", description = "Write the whole model with the adapter merged in; it needs no PEFT.")
    private boolean fold;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description =
                    "Base that the adapter belongs to (default: the one that it names, or the run's). Another base is"
                            + " refused.")
    private @Nullable String model;

    @Option(
            names = "--sign-key",
            paramLabel = "FILE",
            description = "Private key of an elliptic curve (PEM): signs what is written, in OpenSSF's format.")
    private @Nullable Path signKey;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "New directory; must not exist.")
    private Path out;

    /**
     * What is written.
     *
     * @param name of it
     * @param base as it is named
     * @param baseFiles where it lies, if it is here
     * @param baseHash of its files
     */
    private record Exported(String name, Adapter adapter, String base, Path baseFiles, String baseHash, String card) {}

    @Override
    public Integer call() throws IOException {
        if (Files.exists(out)) {
            throw new UsageException("--out: " + out + " already exists");
        }
        ExportPapers papers = papers();
        Exported exported = exported();
        if (fold) {
            MergedDirectory.write(
                    ModelDirectory.open(exported.baseFiles()),
                    exported.adapter(),
                    out,
                    exported.card() + "\nThe adapter is merged into the weights of " + exported.base() + ".\n");
        } else {
            exported.adapter().writePeft(out, exported.base(), exported.baseHash(), exported.card());
        }
        papers.write(
                out,
                new ExportPapers.Model(
                        exported.name(),
                        exported.adapter(),
                        exported.base(),
                        exported.baseFiles(),
                        exported.baseHash(),
                        exported.card(),
                        fold));
        spec.commandLine().getOut().println(out);
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** Read first, so that a key that cannot be used is refused before anything is written. */
    private ExportPapers papers() {
        Optional<Path> run =
                log.directory().filter(directory -> Files.isRegularFile(directory.resolve(RunFiles.CONFIG)));
        // The cases' data sheet is taken along where they are here; they are not fetched for it.
        Optional<Path> data = run.filter(
                        directory -> !SourceAddress.meantBy(log.configuration().dataRoot()))
                .map(directory -> DataSet.root(log.configuration(), directory));
        return ExportPapers.of(log.directory(), data, signKey);
    }

    private Path model(String base) {
        return SourceAddress.meantBy(base)
                ? LocalFiles.model("--model", base, log.configuration())
                : InstallDirectory.resolve(base);
    }

    private Exported exported() throws IOException {
        Optional<Path> run = log.directory();
        String asked = name != null ? name : run.isPresent() ? UNIFIED : UNIFIED + VersionSelector.SIGN + "latest";
        if (asked.contains(VersionSelector.SIGN)) {
            return ofLog(VersionSelector.parse("--adapter", asked));
        }
        return ofDirectory(
                run.orElseThrow(
                        () -> new UsageException(
                                "--run-dir: " + asked
                                        + " is of a finished run's directory; of a run on a cluster give POLICY@latest or POLICY@NUMBER")),
                asked);
    }

    private Exported ofDirectory(Path run, String asked) throws IOException {
        Path from = new FinishedRun(run).adapter(asked);
        String base = model == null ? baseOf(from) : model;
        ModelDirectory directory = ModelDirectory.open(model(base));
        return new Exported(
                asked,
                Adapter.readPeft(from, directory),
                base,
                directory.path(),
                directory.hash(),
                body(from.resolve("README.md")));
    }

    /** The base need not be here, unless the adapter is to be folded into it. */
    private Exported ofLog(VersionSelector version) throws IOException {
        String base = model == null ? log.configuration().model() : model;
        LoggedAdapter found = log.look(kafka -> LoggedAdapter.fetch(kafka, version));
        boolean needed = fold || model != null;
        Path files = needed ? model(base) : InstallDirectory.resolve(base);
        if (needed) {
            String hash = ModelDirectory.open(files).hash();
            if (!hash.equals(found.baseHash())) {
                throw new UsageException("--model: " + base + " is not the model that the run trains: its hash is "
                        + hash + ", the run's manifest names " + found.baseHash());
            }
        }
        return new Exported(version.policy(), found.adapter(), base, files, found.baseHash(), found.card());
    }

    private static String baseOf(Path adapter) throws IOException {
        String base = new ObjectMapper()
                .readTree(adapter.resolve(FinishedRun.ADAPTER_CONFIG).toFile())
                .path("base_model_name_or_path")
                .asText("");
        if (base.isEmpty()) {
            throw new UsageException("--model: " + adapter.resolve(FinishedRun.ADAPTER_CONFIG)
                    + " does not name the base; give its directory");
        }
        return base;
    }

    /** A card without the head that writing gives it. */
    private static String body(Path card) throws IOException {
        String text = Files.isRegularFile(card) ? Files.readString(card) : "LoRA adapter of Consilium.";
        return text.startsWith("---\n")
                ? text.substring(text.indexOf("\n---\n", 3) + 5).stripLeading()
                : text;
    }
}
