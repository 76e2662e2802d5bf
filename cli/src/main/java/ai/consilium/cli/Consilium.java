package ai.consilium.cli;

import ai.consilium.cases.CaseException;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.ModelException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;

/** Entry point. Data on stdout, logs on stderr; exit 0 done, 1 failed, 2 usage: something that the caller can mend. */
@Command(
        name = "consilium",
        description = "Post-trains a medical vision-language model as an event stream.",
        mixinStandardHelpOptions = true,
        version = "consilium 0.1.0",
        subcommands = {
            TrainCommand.class,
            RunCommand.class,
            TopicsCommand.class,
            ConfigCommand.class,
            CasesCommand.class,
            PretrainCommand.class,
            ResultsCommand.class,
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
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Consilium())
                .setExecutionExceptionHandler(executionErrors())
                .setParameterExceptionHandler(parameterErrors())
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** What a person can mend is one line and exit 2; anything else is a failure with its trace in the log. */
    private static IExecutionExceptionHandler executionErrors() {
        return (failure, commandLine, parsed) -> {
            if (failure instanceof UsageException
                    || failure instanceof ModelException
                    || failure instanceof CaseException) {
                commandLine.getErr().println("consilium: " + failure.getMessage());
                return CommandLine.ExitCode.USAGE;
            }
            commandLine.getErr().println("consilium: failed: " + failure);
            failure.printStackTrace(commandLine.getErr());
            return CommandLine.ExitCode.SOFTWARE;
        };
    }

    private static IParameterExceptionHandler parameterErrors() {
        return (failure, args) -> {
            ParameterException wrong = failure;
            CommandLine command = wrong.getCommandLine();
            command.getErr().println("consilium: " + wrong.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
            command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
            return CommandLine.ExitCode.USAGE;
        };
    }
}
