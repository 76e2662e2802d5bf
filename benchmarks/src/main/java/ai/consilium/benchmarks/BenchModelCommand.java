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
    /** More than models/tiny has words. */
    private static final int FEWEST_TOKENS = 1000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--shape", required = true, description = "3b or 7b.")
    private String shape;

    @Option(names = "--layers", defaultValue = "0", description = "Layers of the decoder; 0: all.")
    private int layers;

    @Option(
            names = "--vision-blocks",
            defaultValue = "" + PublishedShape.VISION_BLOCKS,
            description = "Blocks of the vision tower (default: ${DEFAULT-VALUE}).")
    private int visionBlocks;

    @Option(
            names = "--tokens",
            defaultValue = "" + PublishedShape.TOKENS,
            description =
                    "Tokens of the tokenizer: fewer make a smaller embedding and head (default: ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "A directory that is made, or empty.")
    private Path out;

    @Option(names = "--seed", defaultValue = "1", description = "Random seed.")
    private long seed;

    @Override
    public Integer call() throws IOException {
        ShapeChoice chosen = ShapeChoice.of(shape, layers);
        if (visionBlocks < 1 || visionBlocks > PublishedShape.VISION_BLOCKS) {
            throw new UsageException("--vision-blocks must be between 1 and " + PublishedShape.VISION_BLOCKS);
        }
        if (tokens < FEWEST_TOKENS || tokens > PublishedShape.TOKENS) {
            throw new UsageException("--tokens must be between " + FEWEST_TOKENS + " and " + PublishedShape.TOKENS);
        }
        Files.createDirectories(out);
        try (Stream<Path> files = Files.list(out)) {
            if (files.findAny().isPresent()) {
                throw new UsageException("--out " + out + " is not empty");
            }
        }
        long start = System.nanoTime();
        chosen.shape().write(out, new PublishedShape.Extent(chosen.layers(), visionBlocks, tokens), seed);
        spec.commandLine()
                .getOut()
                .printf(Locale.ROOT, "%s: written in %.0f s%n", out, (System.nanoTime() - start) / 1e9);
        return 0;
    }
}
