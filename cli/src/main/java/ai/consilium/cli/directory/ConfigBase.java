package ai.consilium.cli.directory;

import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The directory that relative files named in a run's configuration are resolved against, as the run directory keeps it. */
public final class ConfigBase {
    private static final String FILE = "config.base";

    private ConfigBase() {}

    /** Has a run directory keep it; one that lies inside moves with the run. */
    public static void keep(Path run, Path base) {
        Path root = run.toAbsolutePath().normalize();
        Path absolute = base.toAbsolutePath().normalize();
        Path kept = absolute.startsWith(root) ? root.relativize(absolute) : absolute;
        AtomicFile.write(root.resolve(FILE), kept + "\n");
    }

    /** What a run directory keeps, absolute. */
    public static Optional<Path> of(Path run) {
        Path root = run.toAbsolutePath().normalize();
        Path file = root.resolve(FILE);
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(root.resolve(Files.readString(file).strip()).normalize())
                    : Optional.empty();
        } catch (IOException e) {
            throw new UsageException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
