package ai.consilium.cli.command;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.RunLog;
import ai.consilium.cli.progress.Interruption;
import ai.consilium.cli.run.Cluster;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.cli.run.RoleRun;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium run ROLE}: one role in a process of its own, against any cluster; or the embedded cluster alone. */
@Command(
        name = "run",
        description = {
            "Runs one role against a cluster: scheduler, rollout, reward, advantage, learner, merger or monitor.",
            "Needs kafka.bootstrap.servers, schema_registry.url, run_id and data_root, the same for every role.",
            "'dev-cluster' runs the embedded broker and registry in a separate process."
        },
        mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    private static final String DEV_CLUSTER = "dev-cluster";

    @Spec
    private CommandSpec spec;

    /** What may stand for ROLE, for completion by the shell. */
    static final class RoleNames extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        RoleNames() {
            super(Role.labels());
            add(DEV_CLUSTER);
        }
    }

    @Parameters(paramLabel = "ROLE", description = "A role, or dev-cluster.", completionCandidates = RoleNames.class)
    private String role = "";

    @Mixin
    private ConfigOptions options;

    @Mixin
    private RunOptions runOptions = new RunOptions();

    @Override
    public Integer call() throws Exception {
        Optional<Role> known = known();
        ConfigOptions.Loaded loaded = options.load();
        PrintWriter out = spec.commandLine().getOut();
        if (runOptions.dryRun()) {
            out.print(loaded.yaml());
            out.flush();
            return 0;
        }
        return known.isPresent() ? role(known.get(), loaded.config()) : devCluster(loaded.config(), out);
    }

    /** Empty for dev-cluster. */
    private Optional<Role> known() {
        if (role.equals(DEV_CLUSTER)) {
            return Optional.empty();
        }
        return Optional.of(Arrays.stream(Role.values())
                .filter(r -> r.label().equals(role))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "ROLE: '" + role + "' is not one of " + String.join(", ", new RoleNames()))));
    }

    @SuppressWarnings("try") // the log is written to by others while it is open
    private int devCluster(ConsiliumConfig config, PrintWriter out) throws InterruptedException {
        new PreflightChecks(config).portsOfCluster();
        Path directory = runOptions.path();
        try (Interruption interruption = new Interruption();
                RunDirectory run = RunDirectory.open(directory, opening(directory));
                RunLog log = new RunLog(directory);
                Cluster cluster = Cluster.embedded(config, run.kafka(), directory)) {
            out.println("kafka.bootstrap.servers=" + cluster.bootstrapServers());
            out.println("schema_registry.url=" + cluster.registryUrl());
            out.flush();
            while (!interruption.asked()) {
                Thread.sleep(200);
            }
            return 0;
        }
    }

    private int role(Role known, ConsiliumConfig config) throws InterruptedException {
        Path directory = runOptions.path();
        return new RoleRun(
                        known,
                        config,
                        options.base(),
                        directory,
                        spec.commandLine().getErr())
                .run(opening(directory));
    }

    /** With --resume a role goes on where it was before, or begins: who restarts roles need not know which. */
    private RunDirectory.Opening opening(Path directory) {
        RunDirectory.Opening asked = runOptions.opening();
        return asked == RunDirectory.Opening.RESUME && isNew(directory) ? RunDirectory.Opening.FRESH : asked;
    }

    /** Absent, or empty as a volume is that was mounted just now. */
    private static boolean isNew(Path directory) {
        try (Stream<Path> inside = Files.list(directory)) {
            return inside.findAny().isEmpty();
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            throw new UsageException("--run-dir: " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }
}
