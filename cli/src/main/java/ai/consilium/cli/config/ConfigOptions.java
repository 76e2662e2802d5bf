package ai.consilium.cli.config;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.ConfigLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options by which every command takes its configuration. */
public final class ConfigOptions {
    static final String DEFAULTS = "ai/consilium/cli/defaults.yaml";
    /** What --cases puts between the defaults and the user's files: settings for cases without traces and evidence. */
    private static final String REAL_CASES = "ai/consilium/cli/real-cases.yaml";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "YAML file; later files win. Repeatable.")
    private List<Path> files = List.of();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "One key, for example --set rl.learning_rate=0.001. Wins over files and environment. Repeatable.")
    private List<String> sets = List.of();

    private final Map<String, String> environment;

    /** @param environment of the process: {@code CONSILIUM_*} are keys */
    public ConfigOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Effective configuration. */
    public record Loaded(ConsiliumConfig config, String yaml) {}

    /**
     * Defaults, files, environment, --set, in that order.
     *
     * @throws UsageException with every problem, a line each
     */
    public Loaded load() {
        return load(List.of(), List.of(), false);
    }

    /**
     * With files before the user's own and settings after them.
     *
     * @param before files that the user's files may override
     * @param after settings that win over all
     * @param realCases whether the settings for cases without traces apply
     */
    public Loaded load(List<Path> before, List<String> after, boolean realCases) {
        List<Path> all = new ArrayList<>(before);
        all.addAll(files);
        for (Path file : all) {
            if (!Files.isReadable(file)) {
                throw new UsageException("--config: " + file + ": no such file");
            }
        }
        List<String> settings = new ArrayList<>(sets);
        settings.addAll(after);
        List<String> resources = realCases ? List.of(DEFAULTS, REAL_CASES) : List.of(DEFAULTS);
        ConfigLoader.Loaded<ConsiliumConfig> read =
                ConfigLoader.read(ConsiliumConfig.class, resources, all, environment, settings);
        return new Loaded(read.config(), read.shown());
    }

    /** The same options for the command line of another process. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        files.forEach(file -> arguments.addAll(List.of("--config", file.toString())));
        sets.forEach(set -> arguments.addAll(List.of("--set", set)));
        return arguments;
    }

    /** Whether the user named files. */
    public boolean hasFiles() {
        return !files.isEmpty();
    }

    /** Directory that relative paths in the configuration are resolved against: that of the last file, or here. */
    public Path base() {
        Path last = files.isEmpty()
                ? null
                : files.get(files.size() - 1).toAbsolutePath().getParent();
        return last == null ? Path.of("").toAbsolutePath() : last;
    }
}
