package ai.consilium.cli.command;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/**
 * Adds a subcommand that this module must not know. Found by {@link ServiceLoader}: the benchmarks are offered by the command
 * line, and nothing of the product depends on them.
 */
public interface CommandProvider {
    /** Variables named {@code CONSILIUM_*} that the subcommand reads: they are no configuration keys. */
    Set<String> variables();

    /**
     * The subcommand.
     *
     * @param environment of the process
     * @param factory makes the options that every command shares
     */
    CommandLine command(Map<String, String> environment, IFactory factory);
}
