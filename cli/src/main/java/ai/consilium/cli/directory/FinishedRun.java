package ai.consilium.cli.directory;

import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A finished run's adapters, as PEFT directories: unified, shared, rl/SPECIALTY, dsa/SPECIALTY. */
public record FinishedRun(Path directory) {
    /** In every PEFT directory. */
    public static final String ADAPTER_CONFIG = "adapter_config.json";

    /** Directory of an adapter. @throws UsageException naming those that there are */
    public Path adapter(String name) throws IOException {
        Path adapters = directory.resolve("adapters");
        if (!Files.isDirectory(adapters)) {
            throw new UsageException(
                    "--run-dir: " + directory
                            + ": no adapters; only a finished run has them; of one that goes on 'consilium export --adapter unified@latest' writes a version");
        }
        try (Stream<Path> found = Files.walk(adapters, 2)) {
            List<String> names = found.filter(path -> Files.isRegularFile(path.resolve(ADAPTER_CONFIG)))
                    .map(path -> adapters.relativize(path).toString())
                    .sorted()
                    .toList();
            if (!names.contains(name)) {
                throw new UsageException("--adapter: no " + name + " in " + directory + "; there are "
                        + (names.isEmpty() ? "none" : String.join(", ", names)));
            }
        }
        return adapters.resolve(name);
    }
}
