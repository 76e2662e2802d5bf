package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.PublishedShape;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium bench model}. */
@Command(
        name = "model",
        description =
                "Writes a model with random weights in the shape of a published one, to measure with: --model DIR of"
                        + " the other benchmarks.",
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class BenchModelCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--shape", required = true, description = "3b or 7b.")
    private String shape;

    @Option(names = "--layers", defaultValue = "0", description = "Layers of the decoder; 0: all.")
    private int layers;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "A directory that is made, or empty.")
    private Path out;

    @Option(names = "--seed", defaultValue = "1", description = "Random seed.")
    private long seed;

    @Override
    public Integer call() throws IOException {
        PublishedShape published = PublishedShape.labelled(shape);
        if (published == null) {
            throw new UsageException("--shape must be 3b or 7b, not '" + shape + "'");
        }
        if (layers < 0 || layers > published.layers()) {
            throw new UsageException("--layers must be at most " + published.layers());
        }
        Files.createDirectories(out);
        try (Stream<Path> files = Files.list(out)) {
            if (files.findAny().isPresent()) {
                throw new UsageException("--out " + out + " is not empty");
            }
        }
        long start = System.nanoTime();
        published.write(out, layers == 0 ? published.layers() : layers, seed);
        spec.commandLine()
                .getOut()
                .printf(Locale.ROOT, "%s: written in %.0f s%n", out, (System.nanoTime() - start) / 1e9);
        return 0;
    }
}
