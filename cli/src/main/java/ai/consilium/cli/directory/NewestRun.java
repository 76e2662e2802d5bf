package ai.consilium.cli.directory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the run of {@code train} that was begun last, whatever its directory is called; roles and clusters lie beside. */
public final class NewestRun {
    private NewestRun() {}

    public static Optional<Path> under(Path runs) {
        if (!Files.isDirectory(runs)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(runs)) {
            return all.filter(directory -> Files.isRegularFile(directory.resolve(RunFiles.CONFIG)))
                    .max(Comparator.comparing(NewestRun::begun));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime begun(Path directory) {
        try {
            return Files.getLastModifiedTime(directory.resolve(RunFiles.CONFIG));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
