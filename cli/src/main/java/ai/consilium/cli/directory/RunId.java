package ai.consilium.cli.directory;

import ai.consilium.cli.config.ConsiliumConfig;
import java.nio.file.Path;
import java.util.Locale;

/** Name of a run: what its topics and groups begin with. */
public final class RunId {
    private RunId() {}

    /** As configured, or the run directory's name in letters, digits and hyphens. */
    public static String of(ConsiliumConfig config, Path directory) {
        return config.runId().isBlank() ? plain(directory) : config.runId();
    }

    /** A directory's name in letters, digits and hyphens. */
    public static String plain(Path directory) {
        Path name = directory.getFileName();
        String plain = name == null
                ? ""
                : name.toString()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-+|-+$", "");
        return plain.isEmpty() ? "run" : plain;
    }
}
