package ai.consilium.cli.train;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.run.LoggedAdapter;
import ai.consilium.cli.run.LoggedRun;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.runlog.VersionSelector;
import ai.consilium.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of one run's agent that another run begins with, under the same settings. The first is only read; it may be under way.
 *
 * @param parent the run
 * @param version of its unified agent
 */
public record Fork(LoggedRun parent, VersionSelector version) {
    private static final String OPTION = "--fork";
    private static final Pattern FORM = Pattern.compile("(.+)@(latest|\\d{1,18})");

    /** What {@code --fork} names: {@code RUN_DIR} or {@code RUN_DIR@VERSION}. @param options of the process, with nothing given */
    public static Fork parse(String text, ConfigOptions options) {
        Matcher parts = FORM.matcher(text);
        boolean versioned = !Files.exists(Path.of(text)) && parts.matches();
        return new Fork(
                new LoggedRun(Path.of(versioned ? parts.group(1) : text), options),
                VersionSelector.parse(
                        OPTION, Topics.UNIFIED + VersionSelector.SIGN + (versioned ? parts.group(2) : "latest")));
    }

    /**
     * Settings of the run that begins: the parent's, under what the user gives.
     *
     * @param given by the user
     * @param last settings that win over both
     * @param directory of the run that begins
     * @throws UsageException when there is no parent, or the run would have its name
     */
    public ConfigOptions.Loaded settings(ConfigOptions given, List<String> last, Path directory) {
        parent.requireThere(OPTION);
        ConsiliumConfig own = parent.configuration();
        List<String> settings = new ArrayList<>(last);
        settings.add("start.agent=" + agentIn(directory));
        settings.add("dsa.shared_steps=0");
        own.start().adapters().keySet().forEach(specialty -> settings.add("start.adapters." + specialty + "="));
        ConfigOptions.Loaded loaded = parent.under(given, settings);
        if (!loaded.config().runId().isBlank() && loaded.config().runId().equals(own.runId())) {
            throw new UsageException(
                    "run_id: %s is the name of the run that is forked; give the new one another: --set run_id=NAME"
                            .formatted(own.runId()));
        }
        return loaded;
    }

    /**
     * Fetches the agent from the parent's log.
     *
     * @param model of the run that begins
     * @throws UsageException when the log does not have it, or it is of another model
     */
    public LoggedAdapter fetch(ModelDirectory model) throws IOException {
        LoggedAdapter agent = parent.look(kafka -> LoggedAdapter.fetch(kafka, version));
        if (!agent.baseHash().equals(model.hash())) {
            throw new UsageException("%s: the run in %s trains another model: its hash is %s, that of %s is %s"
                    .formatted(OPTION, parent.directory(), agent.baseHash(), model.path(), model.hash()));
        }
        return agent;
    }

    /** Keeps the agent where the settings say. @param directory of the run that begins, an existing one */
    static void keep(LoggedAdapter agent, Path directory, String baseModel) {
        agent.adapter().writePeft(agentIn(directory), baseModel, agent.baseHash(), agent.card());
    }

    /** What it begins with, for people. */
    String name() {
        return parent.directory() + ", " + version.text();
    }

    private static Path agentIn(Path directory) {
        return directory.resolve("start").resolve("agent");
    }
}
