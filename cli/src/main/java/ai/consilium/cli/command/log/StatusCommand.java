package ai.consilium.cli.command.log;

import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.status.RunStatus;
import ai.consilium.cli.status.StatusTable;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code consilium status}: how far a run is, told by its log. */
@Command(
        name = "status",
        description = {
            "How far a run is: its phase, each policy's version and groups, the agents that the gate let through, what holds it up.",
            "With --run-dir: the run of 'train' in that directory, running or finished. Otherwise: the run run_id of a cluster,"
                    + " from anywhere that reaches it."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium status --run-dir runs/a",
            "  consilium status --set kafka.bootstrap.servers=HOST:9092 --set schema_registry.url=http://HOST:8081 \\",
            "    --set run_id=RUN -o json"
        })
public final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions log;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() throws IOException {
        RunStatus status = log.look(kafka -> RunStatus.read(kafka, System.currentTimeMillis()));
        output.print(spec.commandLine().getOut(), status, out -> out.print(StatusTable.render(status)));
        return 0;
    }
}
