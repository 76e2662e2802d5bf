package ai.consilium.cli.command;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** How a command prints what it found: for people or for programs. */
public final class OutputOption {
    private static final JsonMapper JSON_MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

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
            out.println(json(found));
        } else {
            table.accept(out);
        }
        out.flush();
    }

    /** It as JSON, keys in snake case. */
    static String json(Object found) throws IOException {
        return JSON_MAPPER.writeValueAsString(found);
    }
}
