package ai.consilium.cli.command;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.platform.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whose answers are asked for: a model, or those of a finished run. */
final class PolicyOptions {
    @Mixin
    private ConfigOptions options;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Model directory or its address (default: the run's, else the configured one: models/tiny).")
    private @Nullable String model;

    @Option(names = "--run-dir", paramLabel = "DIR", description = "Finished run that adapters and model are of.")
    private @Nullable Path run;

    /** The run, if one is given. */
    @Nullable
    Path run() {
        return run;
    }

    /** That of the run, if there is one, or the configured one. */
    ConsiliumConfig config() {
        List<String> settings = model == null ? List.of() : List.of("model=" + model);
        if (run == null) {
            return options.load(settings, false).config();
        }
        Path kept = run.resolve(RunFiles.CONFIG);
        if (!Files.isRegularFile(kept)) {
            throw new UsageException("--run-dir: " + run + " contains no run: " + RunFiles.CONFIG + " is missing");
        }
        return options.ofRun(kept, base(), settings).config();
    }

    /** Directory that files named in the configuration are relative to. */
    Path base() {
        return run == null ? options.base() : ConfigBase.of(run).orElseGet(options::base);
    }
}
