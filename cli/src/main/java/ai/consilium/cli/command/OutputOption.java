package ai.consilium.cli.command;

import ai.consilium.cli.report.ReportJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** How a command prints what it found: for people or for programs. */
public final class OutputOption {
    private enum Format {
        TABLE,
        JSON
    }

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TABLE;

    /**
     * Prints it in the form that was asked for.
     *
     * @param found as JSON, keys in snake case
     * @param table prints it for people
     */
    public void print(PrintWriter out, Object found, Consumer<PrintWriter> table) throws IOException {
        if (format == Format.JSON) {
            out.println(ReportJson.write(found));
        } else {
            table.accept(out);
        }
        out.flush();
    }

    /** Whether a program reads the output. */
    public boolean isJson() {
        return format == Format.JSON;
    }
}
