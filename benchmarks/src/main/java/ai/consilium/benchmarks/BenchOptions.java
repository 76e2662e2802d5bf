package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.PublishedShape;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.InstallDirectory;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.config.Precision;
import ai.consilium.pretraining.TinyModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the benchmarks of a model have in common: which model, in which type, how often, beside whom. */
final class BenchOptions {
    /** Variable that names the peers' Python. */
    static final String INTERPRETER = "CONSILIUM_PEER_PYTHON";

    private static final String LARGER = "50m";

    @Option(names = "--model", paramLabel = "DIR", description = "Model directory (default: models/tiny).")
    private @Nullable Path model;

    @Option(
            names = "--shape",
            description =
                    "Instead of --model: a random model of 50 million parameters, 50m, or of the shape of Qwen2.5-VL, 3b or 7b"
                            + " (written to the temporary directory: 7.5 and 17 GB).")
    private @Nullable String shape;

    @Option(names = "--dtype", defaultValue = "fp32", description = "fp32 or bf16 (default: ${DEFAULT-VALUE}).")
    private Precision dtype = Precision.FP32;

    @Option(names = "--threads", defaultValue = "0", description = "Compute threads; 0: one per core.")
    private int threads;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds; the median is reported (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seed", defaultValue = "1", description = "Random seed.")
    private long seed;

    @Mixin
    private OutputOption output;

    private final Map<String, String> environment;

    /** @param environment of the process, which names the peer's interpreter */
    BenchOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Refuses what cannot be, before any work. @throws UsageException naming the option */
    void check() {
        if (threads < 0 || rounds < 1) {
            throw new UsageException("--threads must be at least 0 and --rounds at least 1");
        }
        if (shape != null && (model != null || !shape.equals(LARGER) && PublishedShape.labelled(shape) == null)) {
            throw new UsageException("--shape must be 50m, 3b or 7b and excludes --model");
        }
    }

    /**
     * How to start a peer.
     *
     * @param script name of the file among tests/peers
     * @param requirements name of the file beside it that lists its packages
     * @return interpreter and script
     * @throws UsageException when one is missing
     */
    List<Path> peer(String script, String requirements) {
        String interpreter = environment.get(INTERPRETER);
        if (interpreter == null) {
            throw new UsageException(
                    "--peer needs " + INTERPRETER + ": a Python with the packages of tests/peers/" + requirements);
        }
        if (!Files.isExecutable(Path.of(interpreter))) {
            throw new UsageException(INTERPRETER + ": " + interpreter + " is not an executable file");
        }
        Path file = InstallDirectory.resolve("tests/peers").resolve(script);
        if (!Files.isRegularFile(file)) {
            throw new UsageException("--peer needs " + file + ", which is part of the source tree");
        }
        return List.of(Path.of(interpreter), file);
    }

    /** The model's directory; a random model is written below {@code scratch}. */
    Path modelPath(Path scratch) throws IOException {
        if (shape == null) {
            return model == null ? InstallDirectory.resolve("models/tiny") : model;
        }
        Path directory = scratch.resolve(shape);
        PublishedShape published = PublishedShape.labelled(shape);
        if (published == null) {
            TinyModel.initialise(directory, TinyModel.larger(), seed);
        } else {
            published.write(
                    directory,
                    new PublishedShape.Extent(published.layers(), PublishedShape.VISION_BLOCKS, PublishedShape.TOKENS),
                    seed);
        }
        return directory;
    }

    String modelName() {
        return shape != null ? shape : model == null ? "tiny" : String.valueOf(model.getFileName());
    }

    Precision precision() {
        return dtype;
    }

    String dtype() {
        return dtype.label();
    }

    int threads() {
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }

    int rounds() {
        return rounds;
    }

    long seed() {
        return seed;
    }

    /** Prints the figures as a list of {name, dtype, ours, peer, ratio}, or the text that says the same. */
    void print(PrintWriter out, List<BenchComparison> figures, List<String> text) throws IOException {
        output.print(out, figures, table -> text.forEach(table::println));
    }
}
