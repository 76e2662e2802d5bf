package ai.consilium.cli.command.log;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunControl;
import ai.consilium.schemas.RunManifest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium control}: tells a run to pause, to go on, or to stop. */
@Command(
        name = "control",
        description = {
            "Tells a run to pause, to go on, or to stop: by a revision of its manifest, which every process of it follows.",
            "With --run-dir: the run of 'train' in that directory. Otherwise: the run run_id of a cluster, from anywhere that"
                    + " reaches it."
        },
        mixinStandardHelpOptions = true,
        subcommands = {ControlCommand.Pause.class, ControlCommand.Go.class, ControlCommand.Stop.class},
        footer = {
            "",
            "Examples:",
            "  consilium control pause --run-dir runs/a",
            "  consilium control go --run-dir runs/a",
            "  consilium control stop --now --set kafka.bootstrap.servers=HOST:9092 \\",
            "    --set schema_registry.url=http://HOST:8081 --set run_id=RUN"
        })
public final class ControlCommand {
    private static final String WRITER = "command";

    private ControlCommand() {}

    /** Tells a run one thing. */
    private abstract static class Telling implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private LogOptions log;

        abstract RunControl control();

        @Override
        public Integer call() throws IOException {
            String told = log.look(this::tell);
            spec.commandLine().getOut().println(told);
            spec.commandLine().getOut().flush();
            return 0;
        }

        private String tell(KafkaClients kafka) {
            RunManifest newest = ManifestLog.ofRun(kafka);
            RunControl control = control();
            if (RunControl.of(newest) == control) {
                return "the run %s already, since revision %d at the latest"
                        .formatted(control.told(), newest.getRevision());
            }
            RunManifest revised = control.after(newest, WRITER, System.currentTimeMillis());
            ManifestLog.revise(kafka, revised, WRITER);
            return "the run %s: revision %d".formatted(control.told(), revised.getRevision());
        }
    }

    /** No new groups. */
    @Command(
            name = "pause",
            description = {
                "No new groups are opened. Those that are open are sampled and scored, and trained on where they fill a batch;"
                        + " then every process waits.",
                "A stop that has not taken place yet is called off."
            },
            mixinStandardHelpOptions = true)
    static final class Pause extends Telling {
        @Override
        RunControl control() {
            return RunControl.PAUSE;
        }
    }

    /** On. */
    @Command(
            name = "go",
            description = {
                "The run goes on: after a pause, or after stop --now, when its processes are started again.",
                "A stop that has not taken place yet is called off."
            },
            mixinStandardHelpOptions = true)
    static final class Go extends Telling {
        @Override
        RunControl control() {
            return RunControl.GO;
        }
    }

    /** The end. */
    @Command(
            name = "stop",
            description = {
                "The round that is under way is the last: its experts are made one agent, and the run ends with it.",
                "With --now every process of the run ends at once, and loses nothing but the step that it is at: 'train --resume'"
                        + " goes on from there. Processes of a cluster that are started again wait for 'control go'."
            },
            mixinStandardHelpOptions = true)
    static final class Stop extends Telling {
        @Option(names = "--now", description = "Do not wait for the end of the round; to be resumed.")
        private boolean now;

        @Override
        RunControl control() {
            return now ? RunControl.STOP : RunControl.FINISH;
        }
    }
}
