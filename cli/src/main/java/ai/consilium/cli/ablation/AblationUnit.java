package ai.consilium.cli.ablation;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.SettingDifference;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.progress.Timings;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * A row with a seed: what is run, kept and resumed as one.
 *
 * @param settings effective configuration
 * @param directory of its own; the configuration that it was begun with lies in it
 */
record AblationUnit(AblationRow row, long seed, ConfigOptions.Loaded settings, Path directory) {
    /** How far it has come. */
    enum State {
        NEW,
        BEGUN,
        DONE
    }

    static AblationUnit of(AblationRow row, long seed, ConfigOptions.Loaded settings, Path out) {
        Path parent = out.resolve(row.kind().trains() ? "runs" : "merges");
        return new AblationUnit(row, seed, settings, parent.resolve(row.name() + "-seed" + seed));
    }

    /** Tokens that a finished run sampled; nothing for a merge. */
    OptionalLong sampledTokens() throws IOException {
        return Timings.sampledTokens(directory);
    }

    String name() {
        return row.name() + " seed " + seed;
    }

    /** What its directory shows. @throws UsageException when it was begun with other settings, naming the first */
    State state() throws IOException {
        Path kept = directory.resolve(RunFiles.CONFIG);
        if (!Files.isRegularFile(kept)) {
            return State.NEW;
        }
        SettingDifference.first(Files.readString(kept), settings.yaml()).ifPresent(difference -> {
            throw new UsageException("--out: " + directory + " was begun with another " + difference
                    + "; choose another --out, or delete that directory");
        });
        return Files.isRegularFile(directory.resolve(Timings.FILE)) ? State.DONE : State.BEGUN;
    }
}
