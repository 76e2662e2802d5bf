package ai.consilium.benchmarks;

import ai.consilium.cli.command.CommandProvider;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;

/** {@code consilium bench}. */
@Command(
        name = "bench",
        description = "Measures a part of the system on this machine.",
        mixinStandardHelpOptions = true,
        subcommands = {
            BenchAdaptersCommand.class,
            BenchLearnerCommand.class,
            BenchLoadCommand.class,
            BenchMergeCommand.class,
            BenchModelCommand.class,
            BenchRolloutCommand.class,
            BenchScaleCommand.class,
            BenchSchedulerCommand.class,
            BenchStepsCommand.class,
            BenchStreamCommand.class
        })
public final class BenchCommand implements CommandProvider {
    @Override
    public Set<String> variables() {
        return Set.of(BenchOptions.INTERPRETER);
    }

    @Override
    public CommandLine command(Map<String, String> environment, IFactory factory) {
        return new CommandLine(this, new IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type == BenchOptions.class ? type.cast(new BenchOptions(environment)) : factory.create(type);
            }
        });
    }
}
