package ai.consilium.cli;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cli.command.AblateCommand;
import ai.consilium.cli.command.AskCommand;
import ai.consilium.cli.command.CommandProvider;
import ai.consilium.cli.command.ConfigCommand;
import ai.consilium.cli.command.DataCommand;
import ai.consilium.cli.command.DoctorCommand;
import ai.consilium.cli.command.EvalCommand;
import ai.consilium.cli.command.MemoryCommand;
import ai.consilium.cli.command.PretrainCommand;
import ai.consilium.cli.command.ResultsCommand;
import ai.consilium.cli.command.RunCommand;
import ai.consilium.cli.command.TrainCommand;
import ai.consilium.cli.command.cases.CasesCommand;
import ai.consilium.cli.command.log.ControlCommand;
import ai.consilium.cli.command.log.DeadLettersCommand;
import ai.consilium.cli.command.log.ExportCommand;
import ai.consilium.cli.command.log.MonitorCommand;
import ai.consilium.cli.command.log.ReportCommand;
import ai.consilium.cli.command.log.RescoreCommand;
import ai.consilium.cli.command.log.StatusCommand;
import ai.consilium.cli.command.log.StepsCommand;
import ai.consilium.cli.command.log.TopicsCommand;
import ai.consilium.cli.command.log.TraceCommand;
import ai.consilium.cli.command.scorers.ScorersCommand;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.run.BuildInfo;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.ModelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point. Data on stdout, logs on stderr; exit 0 done, 1 failed, 2 usage: something that the caller can mend. */
@Command(
        name = "consilium",
        description = "Post-trains a medical vision-language model as an event stream.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TrainCommand.class,
            RunCommand.class,
            MonitorCommand.class,
            ReportCommand.class,
            TopicsCommand.class,
            StatusCommand.class,
            ControlCommand.class,
            StepsCommand.class,
            TraceCommand.class,
            RescoreCommand.class,
            DeadLettersCommand.class,
            ConfigCommand.class,
            CasesCommand.class,
            DataCommand.class,
            ScorersCommand.class,
            PretrainCommand.class,
            ResultsCommand.class,
            EvalCommand.class,
            AblateCommand.class,
            AskCommand.class,
            DoctorCommand.class,
            ExportCommand.class,
            MemoryCommand.class,
            picocli.AutoComplete.GenerateCompletion.class
        },
        footer = {"", "Start with: ./consilium train   (simulated cases, a tiny model, minutes on two cores)"})
public final class Consilium {
    private Consilium() {}

    /** Runs a command line and exits with its code. */
    public static void main(String[] args) {
        // A role that runs alone tells what it does; under `train` the progress line does.
        if (args.length > 0 && args[0].equals("run") && System.getProperty("consilium.log") == null) {
            System.setProperty("consilium.log", "INFO");
        }
        System.exit(commandLine(System.getenv()).execute(args));
    }

    /**
     * The command line as a library: {@code execute} returns the exit code instead of ending the process, and output goes
     * to the writers that are set on it.
     *
     * @param environment what stands for the process's environment: {@code CONSILIUM_*} are configuration keys, but for those
     *     that a {@link CommandProvider} reads
     */
    public static CommandLine commandLine(Map<String, String> environment) {
        List<CommandProvider> providers = ServiceLoader.load(CommandProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        Map<String, String> keys = new HashMap<>(environment);
        providers.forEach(provider -> keys.keySet().removeAll(provider.variables()));
        IFactory factory = factory(keys);
        CommandLine commandLine = new CommandLine(new Consilium(), factory);
        providers.forEach(provider -> commandLine.addSubcommand(provider.command(environment, factory)));
        versioned(commandLine);
        return commandLine
                .setExecutionExceptionHandler(executionErrors())
                .setParameterExceptionHandler(parameterErrors())
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** {@code --version} is an option of every command. */
    private static void versioned(CommandLine command) {
        command.getCommandSpec().versionProvider(new BuildInfo());
        command.getSubcommands().values().forEach(Consilium::versioned);
    }

    /** Options that read the environment are given its keys; everything else is made as picocli makes it. */
    private static IFactory factory(Map<String, String> keys) {
        IFactory standard = CommandLine.defaultFactory();
        return new IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type == ConfigOptions.class ? type.cast(new ConfigOptions(keys)) : standard.create(type);
            }
        };
    }

    /** What a person can mend is one line and exit 2; anything else is a failure with its trace in the log. */
    private static IExecutionExceptionHandler executionErrors() {
        return (failure, commandLine, parsed) -> {
            if (failure instanceof UsageException
                    || failure instanceof ModelException
                    || failure instanceof CaseException) {
                // A configuration may have several problems: a line each.
                message(failure).lines().forEach(line -> commandLine.getErr().println("consilium: " + line));
                return CommandLine.ExitCode.USAGE;
            }
            commandLine.getErr().println("consilium: failed: " + failure);
            failure.printStackTrace(commandLine.getErr());
            return CommandLine.ExitCode.SOFTWARE;
        };
    }

    private static IParameterExceptionHandler parameterErrors() {
        return (failure, args) -> {
            CommandLine command = failure.getCommandLine();
            String problem = message(failure).lines().findFirst().orElse("wrong arguments");
            command.getErr()
                    .println("consilium: " + problem + suggestion(failure) + " (see "
                            + command.getCommandSpec().qualifiedName() + " --help)");
            return CommandLine.ExitCode.USAGE;
        };
    }

    private static String message(Exception failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }

    private static String suggestion(ParameterException failure) {
        return failure instanceof UnmatchedArgumentException unmatched
                        && !unmatched.getSuggestions().isEmpty()
                ? ", did you mean " + unmatched.getSuggestions().get(0) + "?"
                : "";
    }
}
