package ai.consilium.cli.command;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.memory.Device;
import ai.consilium.cli.memory.MemoryReport;
import ai.consilium.cli.memory.RunMemory;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.memory.GroupSize;
import ai.consilium.policy.model.ModelDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium memory}. */
@Command(
        name = "memory",
        description = {
            "Tells how much memory each role will need with a model, and which keys of the configuration change it.",
            "Loads nothing: it reads the headers of the model's files."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium memory --model DIR --set compute.dtype=bf16",
            "  consilium memory --model DIR --gpu 80 --prompt-tokens 3000 --group-size 8 --completion-tokens 2048"
        })
public final class MemoryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private OutputOption output;

    @Option(names = "--model", paramLabel = "DIR", description = "Model directory (default: the configured one).")
    private @Nullable String model;

    @Option(names = "--gpu", paramLabel = "GIB", description = "A GPU with so much memory, there or not.")
    private @Nullable Double gpu;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            description = "Of a prompt (default: an image as large as the model takes it, up to 1280 tokens, and 256).")
    private @Nullable Integer promptTokens;

    @Option(
            names = "--completion-tokens",
            paramLabel = "N",
            description = "Of a completion (default: sampling.max_completion_tokens).")
    private @Nullable Integer completionTokens;

    @Option(names = "--group-size", paramLabel = "N", description = "Samples of a prompt (default: group_size).")
    private @Nullable Integer groupSize;

    @Override
    public Integer call() throws IOException {
        List<String> settings = model == null ? List.of() : List.of("model=" + model);
        ConsiliumConfig config = options.load(settings, false).config();
        if (gpu != null && !(gpu > 0)) {
            throw new UsageException("--gpu: must be above 0, not " + gpu);
        }
        ModelDirectory directory = new PreflightChecks(config).modelDirectory();
        Device device = gpu == null ? Device.of(config) : Device.gpu(gpu);
        MemoryReport report =
                MemoryReport.of(new RunMemory(config, directory, device, group(RunMemory.expected(config, directory))));
        output.print(spec.commandLine().getOut(), report, table -> print(table, report, config));
        return 0;
    }

    private GroupSize group(GroupSize expected) {
        return new GroupSize(
                given("--prompt-tokens", promptTokens, expected.promptTokens()),
                expected.instructionTokens(),
                given("--group-size", groupSize, expected.samples()),
                given("--completion-tokens", completionTokens, expected.completionTokens()));
    }

    private static int given(String option, @Nullable Integer value, int otherwise) {
        if (value != null && (value < 1 || value > 1 << 20)) {
            throw new UsageException(option + ": must be between 1 and " + (1 << 20) + ", not " + value);
        }
        return value == null ? otherwise : value;
    }

    private static void print(PrintWriter table, MemoryReport report, ConsiliumConfig config) {
        table.println(report.text());
        if (!config.rollout().remote()
                && report.leastKvCacheMib() > config.rollout().kvCacheMib()) {
            table.println("rollout.kv_cache_mib must be at least " + report.leastKvCacheMib()
                    + " for a group of this size, and is " + config.rollout().kvCacheMib());
        }
    }
}
