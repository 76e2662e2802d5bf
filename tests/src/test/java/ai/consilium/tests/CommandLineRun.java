package ai.consilium.tests;

import ai.consilium.cli.Consilium;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * The command line, run in this process as a person would run it.
 *
 * @param code what the process would exit with
 * @param output lines of standard output
 * @param errors lines of standard error, those of the log included
 */
record CommandLineRun(int code, List<String> output, List<String> errors) {

    /** With nothing but the arguments. */
    static CommandLineRun of(String... arguments) {
        return of(Map.of(), arguments);
    }

    /** With an environment too. */
    static CommandLineRun of(Map<String, String> environment, String... arguments) {
        StringWriter out = new StringWriter();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream terminal = System.err;
        // Logs go to System.err past the command line's own writer: both are what a person sees.
        PrintStream captured = new PrintStream(err, true, StandardCharsets.UTF_8);
        System.setErr(captured);
        try {
            CommandLine commandLine = Consilium.commandLine(environment)
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(captured, true, StandardCharsets.UTF_8));
            int code = commandLine.execute(arguments);
            return new CommandLineRun(
                    code,
                    out.toString().lines().toList(),
                    err.toString(StandardCharsets.UTF_8).lines().toList());
        } finally {
            System.setErr(terminal);
        }
    }

    /** What the command line says itself on standard error, without the lines of the log. */
    List<String> told() {
        return errors.stream().filter(line -> line.startsWith("consilium:")).toList();
    }

    /** Standard output as one text. */
    String text() {
        return String.join("\n", output) + "\n";
    }
}
