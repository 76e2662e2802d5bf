package ai.consilium.cli.command;

import ai.consilium.cli.config.ConfigOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code consilium config show}. */
@Command(
        name = "config",
        description = "Shows the effective configuration.",
        mixinStandardHelpOptions = true,
        subcommands = ConfigCommand.Show.class)
public final class ConfigCommand {
    /** Prints what a run would use. */
    @Command(
            name = "show",
            description = "Prints the effective configuration as YAML, secrets hidden.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOptions options;

        @Override
        public Integer call() {
            spec.commandLine().getOut().print(options.load().yaml());
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}
