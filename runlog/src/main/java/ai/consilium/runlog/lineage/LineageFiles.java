package ai.consilium.runlog.lineage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/** The lineage files of a run: one a version, named after it. */
public record LineageFiles(Path directory) {
    /** Their directory in that of a run. */
    public static final String DIRECTORY = "lineage";

    private static final String SUFFIX = ".json";

    /** Of the run in a directory. */
    public static LineageFiles of(Path runDirectory) {
        return new LineageFiles(runDirectory.resolve(DIRECTORY));
    }

    /** The file of a version, whether it exists or not. */
    public Path file(String version) {
        return directory.resolve(version + SUFFIX);
    }

    /** Content of the file of a version; empty where there is none. */
    public Optional<byte[]> read(String version) {
        Path file = file(version);
        try {
            return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SHA-256 of the file of a version. */
    public Optional<String> sha256(String version) {
        return read(version).map(DigestUtils::sha256Hex);
    }

    /** Versions that have a file. */
    public List<String> versions() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX) && name.contains("@"))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
