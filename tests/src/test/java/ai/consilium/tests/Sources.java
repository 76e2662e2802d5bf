package ai.consilium.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The Java sources of every module, for the tests that read them as text. */
final class Sources {
    static final Path ROOT = Path.of("..");

    private Sources() {}

    /**
     * Lists them.
     *
     * @param folder below a module, {@code src} or {@code src/main}
     */
    static List<Path> in(String folder) throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            List<Path> folders = modules.map(module -> module.resolve(folder))
                    .filter(Files::isDirectory)
                    .toList();
            for (Path each : folders) {
                try (Stream<Path> files = Files.walk(each)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        return sources;
    }
}
