package ai.consilium.cli.directory;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** Name of a run: what its topics and groups begin with. */
public final class RunId {
    /** In the run directory, so that the directory may be renamed. Directories of version 0.1 lack it. */
    private static final String FILE = "run.id";

    private static final Pattern VALID = Pattern.compile(ConsiliumConfig.RUN_ID);

    private RunId() {}

    /**
     * As configured, or as the run directory keeps it, or the directory's name in letters, digits and hyphens.
     *
     * @throws UsageException when what the directory keeps is no run id
     */
    public static String of(ConsiliumConfig config, Path directory) {
        if (!config.runId().isBlank()) {
            return config.runId();
        }
        Path file = directory.resolve(FILE);
        try {
            return Files.isRegularFile(file)
                    ? checked(file, Files.readString(file).strip())
                    : plain(directory);
        } catch (IOException e) {
            throw new UsageException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String checked(Path file, String id) {
        if (!VALID.matcher(id).matches()) {
            throw new UsageException(file + ": '" + id + "' is not a run id: letters, digits and hyphens");
        }
        return id;
    }

    /** Has a run directory keep the id. */
    public static void keep(Path directory, String id) {
        AtomicFile.write(directory.resolve(FILE), id + "\n");
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
