package ai.consilium.cli.command;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.platform.UsageException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How answers are sampled. */
final class SamplingOptions {
    private static final int MOST_SAMPLES = 1024;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "Samples of each case (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "Of sampling; 0 decodes greedily (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Of sampling (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Longest completion (default: sampling.max_completion_tokens, 48).")
    private @Nullable Integer maxTokens;

    /** What was asked for. @throws UsageException naming what cannot be meant */
    Evaluator.Sampling checked() {
        if (samples < 1 || samples > MOST_SAMPLES) {
            throw new UsageException("--samples: must be between 1 and " + MOST_SAMPLES + ", not " + samples);
        }
        if (!(temperature >= 0 && temperature <= 10)) {
            throw new UsageException("--temperature: must be between 0 (greedy) and 10, not " + temperature);
        }
        if (samples > 1 && temperature == 0) {
            throw new UsageException("--samples: greedy samples are all the same: give a --temperature above 0");
        }
        if (maxTokens != null && maxTokens < 1) {
            throw new UsageException("--max-tokens: must be at least 1, not " + maxTokens);
        }
        return new Evaluator.Sampling(samples, temperature, seed);
    }

    /** Longest completion. */
    int maxTokens(ConsiliumConfig config) {
        return maxTokens == null ? config.scheduler().sampling().maxCompletionTokens() : maxTokens;
    }
}
