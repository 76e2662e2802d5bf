package ai.consilium.cli.config;

import ai.consilium.fetch.SourceAddress;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.ConfigLoader;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.reward.plugin.ScorerPlugins;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** The options by which every command takes its configuration. */
public final class ConfigOptions {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigOptions.class);
    static final String DEFAULTS = "ai/consilium/cli/defaults.yaml";
    /** What --cases puts between the defaults and the user's files for a model of our own: cases without traces and evidence. */
    private static final String REAL_CASES = "ai/consilium/cli/real-cases.yaml";
    /** What --fast puts there. */
    private static final String FAST = "ai/consilium/cli/fast.yaml";
    /** What a pretrained model puts there. */
    private static final String PRETRAINED = "ai/consilium/cli/pretrained.yaml";

    private static final String PLUGINS = "reward.plugins";

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

    /** Of the same process, with nothing given. */
    public ConfigOptions withoutFlags() {
        return new ConfigOptions(environment);
    }

    /** Effective configuration. */
    public record Loaded(ConsiliumConfig config, String yaml) {}

    /**
     * Defaults, files, environment, --set, in that order.
     *
     * @throws UsageException with every problem, a line each
     */
    public Loaded load() {
        return load(List.of(), false);
    }

    /**
     * With settings that win over all.
     *
     * @param realCases whether the settings for cases without traces apply, if the model is one of ours
     */
    public Loaded load(List<String> last, boolean realCases) {
        return load(last, realCases, false);
    }

    /**
     * With settings that win over all.
     *
     * @param realCases whether the settings for cases without traces apply, if the model is one of ours
     * @param fast whether every stage is to be shown in little time
     */
    public Loaded load(List<String> last, boolean realCases, boolean fast) {
        List<String> settings = Stream.concat(sets.stream(), last.stream()).toList();
        Loaded read = read(resources(realCases ? REAL_CASES : null, fast), files, settings, base());
        return pretrained(read.config()) ? read(resources(PRETRAINED, fast), files, settings, base()) : read;
    }

    private static List<String> resources(@Nullable String kind, boolean fast) {
        return Stream.of(DEFAULTS, kind, fast ? FAST : null)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    /**
     * The configuration that a run directory keeps, under the user's.
     *
     * @param kept the file
     * @param base directory that the files which it names are relative to
     * @param last settings that win over all
     */
    public Loaded ofRun(Path kept, Path base, List<String> last) {
        List<String> settings = new ArrayList<>();
        if (!names(kept, "prompts")) {
            // It was kept before there were prompt layouts: this is what every model got.
            settings.add("prompts=shipped:canonical");
        }
        settings.addAll(sets);
        settings.addAll(last);
        List<Path> all = new ArrayList<>(List.of(kept));
        all.addAll(files);
        return read(List.of(DEFAULTS), all, settings, files.isEmpty() ? base : base());
    }

    /** Whether a file of --config has this key at its root. */
    public boolean filesName(String key) {
        return files.stream().anyMatch(file -> names(file, key));
    }

    private static boolean names(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.anyMatch(line -> line.startsWith(key + ":"));
        } catch (IOException | UncheckedIOException e) {
            throw new UsageException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** @param base directory that the plug-ins' is relative to */
    private Loaded read(List<String> resources, List<Path> all, List<String> settings, Path base) {
        for (Path file : all) {
            if (!Files.isReadable(file)) {
                throw new UsageException("--config: " + file + ": no such file");
            }
        }
        // Which keys a scorer may have depends on the plug-ins that are there.
        ConfigLoader.text(ConsiliumConfig.class, resources, all, environment, settings, PLUGINS)
                .filter(directory -> !directory.isBlank())
                .ifPresentOrElse(directory -> ScorerPlugins.load(base.resolve(directory)), ScorerPlugins::none);
        ConfigLoader.Loaded<ConsiliumConfig> read =
                ConfigLoader.read(ConsiliumConfig.class, resources, all, environment, settings);
        return new Loaded(read.config(), read.shown());
    }

    /**
     * One that does not exist is refused later, by its name. Of an address only the list of files is asked for; where it cannot be
     * had, a command that does not need the model goes on, and one that does is refused.
     */
    private static boolean pretrained(ConsiliumConfig config) {
        if (SourceAddress.meantBy(config.model())) {
            try {
                return !ModelDirectory.madeHere(file -> LocalFiles.lists("model", config.model(), config, file));
            } catch (UsageException e) {
                LOG.warn("{}", e.getMessage());
                return true;
            }
        }
        Path directory = InstallDirectory.resolve(config.model());
        return Files.isDirectory(directory) && !ModelDirectory.madeHere(file -> Files.exists(directory.resolve(file)));
    }

    /** Value of an environment variable, for secrets, which are no configuration; null where it is not set. */
    public @Nullable String variable(String name) {
        return environment.get(name);
    }

    /** The same options for the command line of another process. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        files.forEach(file -> arguments.addAll(List.of("--config", file.toString())));
        sets.forEach(set -> arguments.addAll(List.of("--set", set)));
        return arguments;
    }

    /** What the user set: {@code KEY=VALUE}. */
    public List<String> settings() {
        return List.copyOf(sets);
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
