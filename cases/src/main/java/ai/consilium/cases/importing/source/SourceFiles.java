package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.CaseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the files of a source. */
final class SourceFiles {
    /**
     * The file that was named, or those of a directory that end as expected, in order of their names.
     *
     * @throws CaseException when there is none
     */
    static List<Path> find(Path source, String... endings) {
        if (Files.isRegularFile(source)) {
            return List.of(source);
        }
        if (!Files.isDirectory(source)) {
            throw new CaseException(source + ": no such file or directory");
        }
        try (Stream<Path> inside = Files.list(source)) {
            List<Path> files = inside.filter(Files::isRegularFile)
                    .filter(file ->
                            Stream.of(endings).anyMatch(file.getFileName().toString()::endsWith))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new CaseException(source + ": holds no file that ends in " + String.join(" or ", endings));
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the pictures of a source are looked for. */
    static Path directory(Path source) {
        Path parent = source.toAbsolutePath().normalize().getParent();
        return Files.isDirectory(source) || parent == null ? source : parent;
    }

    private SourceFiles() {}
}
