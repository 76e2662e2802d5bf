package ai.consilium.cli.eval;

import ai.consilium.cli.directory.FinishedRun;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy that is evaluated.
 *
 * @param name for tables and predictions
 * @param adapter null is the base
 */
public record NamedAdapter(String name, @Nullable Adapter adapter) {
    /** What the model without an adapter is called. */
    public static final String BASE = "base";

    private static final String PART = "[A-Za-z0-9][A-Za-z0-9._-]*";

    /**
     * Reads what --adapter names: {@code NAME=DIR}, a PEFT directory; {@code base}; anything else is an adapter of the
     * run.
     *
     * @param given in the order of the command line; empty is the base alone
     * @throws UsageException naming what is missing, given twice or made for another model
     */
    public static List<NamedAdapter> read(List<String> given, @Nullable Path run, ModelDirectory model)
            throws IOException {
        List<NamedAdapter> adapters = new ArrayList<>();
        for (String argument : given.isEmpty() ? List.of(BASE) : given) {
            NamedAdapter read = read(argument, run, model);
            if (adapters.stream().anyMatch(other -> other.name().equals(read.name()))) {
                throw new UsageException("--adapter: " + read.name() + " is given twice");
            }
            adapters.add(read);
        }
        return List.copyOf(adapters);
    }

    private static NamedAdapter read(String argument, @Nullable Path run, ModelDirectory model) throws IOException {
        int sign = argument.indexOf('=');
        String name = sign < 0 ? argument : argument.substring(0, sign);
        if (!name.matches(PART + "(/" + PART + ")?")) {
            throw new UsageException("--adapter: '" + name
                    + "' is not a name: letters, digits, '.', '_' and '-', with at most one '/' between");
        }
        if (sign >= 0) {
            if (name.equals(BASE)) {
                throw new UsageException(
                        "--adapter: " + BASE + " is the model without an adapter: choose another name");
            }
            return new NamedAdapter(name, peft(name, Path.of(argument.substring(sign + 1)), model));
        }
        if (name.equals(BASE)) {
            return new NamedAdapter(name, null);
        }
        if (run == null) {
            throw new UsageException(
                    "--adapter: " + name + " has no directory: give NAME=DIR, or --run-dir for an adapter of a run");
        }
        return new NamedAdapter(name, peft(name, new FinishedRun(run).adapter(name), model));
    }

    private static Adapter peft(String name, Path directory, ModelDirectory model) {
        try {
            return Adapter.readPeft(directory, model);
        } catch (ModelException e) {
            throw new UsageException("--adapter: " + name + ": " + e.getMessage(), e);
        }
    }

    /** Of its tensors; the base has none of its own. */
    String hash() {
        return adapter == null ? BASE : adapter.hash();
    }
}
