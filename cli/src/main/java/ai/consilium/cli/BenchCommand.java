package ai.consilium.cli;

import picocli.CommandLine.Command;

/** {@code consilium bench}. */
@Command(
        name = "bench",
        description = "Measures a part of the system on this machine.",
        mixinStandardHelpOptions = true,
        subcommands = {BenchLearnerCommand.class, BenchRolloutCommand.class, BenchStreamCommand.class})
final class BenchCommand {}
