package ai.consilium.cli.command;

import ai.consilium.cli.config.InstallDirectory;
import ai.consilium.cli.directory.FinishedRun;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.MergedDirectory;
import ai.consilium.policy.model.ModelDirectory;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium export}: an adapter of a finished run, or the base with it merged in, for use elsewhere. */
@Command(
        name = "export",
        description =
                "Writes an adapter of a finished run as a directory that Hugging Face PEFT loads, or, with --fold, the"
                        + " base with the adapter added to its weights as a directory that Hugging Face transformers loads.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium export --run-dir runs/a --out exported/agent                          # unified, for PEFT",
            "  consilium export --run-dir runs/a --adapter rl/pediatrics --fold --out exported/pediatrics"
        })
public final class ExportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--run-dir", required = true, paramLabel = "DIR", description = "Directory of a finished run.")
    private Path run;

    @Option(
            names = "--adapter",
            paramLabel = "NAME",
            defaultValue = "unified",
            description = "unified, shared, rl/SPECIALTY or dsa/SPECIALTY (default: ${DEFAULT-VALUE}).")
    private String name;

    @Option(names = "--fold", description = "Write the whole model with the adapter merged in; it needs no PEFT.")
    private boolean fold;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Base that the adapter belongs to (default: the one that it names). Another base is refused.")
    private @Nullable String model;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "New directory; must not exist.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        Path from = new FinishedRun(run).adapter(name);
        if (Files.exists(out)) {
            throw new UsageException("--out: " + out + " already exists");
        }
        String base = model == null ? baseOf(from) : model;
        ModelDirectory directory = ModelDirectory.open(InstallDirectory.resolve(base));
        Adapter adapter = Adapter.readPeft(from, directory);
        String card = body(from.resolve("README.md"));
        if (fold) {
            MergedDirectory.write(
                    directory, adapter, out, card + "\nThe adapter is merged into the weights of " + base + ".\n");
        } else {
            adapter.writePeft(out, base, directory.hash(), card);
        }
        spec.commandLine().getOut().println(out);
        spec.commandLine().getOut().flush();
        return 0;
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
