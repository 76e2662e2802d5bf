package ai.consilium.cli.command;

import ai.consilium.cli.directory.NewestRun;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunDirectory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a run lives and whether it begins or goes on. */
final class RunOptions {
    /** In the name of a run directory: so one command line serves replicas that share a volume. */
    private static final String HOST = "{host}";

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Directory of the run (default: runs/DATE-TIME). {host} in it stands for this host's name.")
    private @Nullable Path directory;

    @Option(names = "--resume", description = "Resume the run in --run-dir, or the newest one under runs/.")
    private boolean resume;

    @Option(names = "--clean", description = "Delete the run in --run-dir first.")
    private boolean clean;

    @Option(names = "--dry-run", description = "Print the effective configuration and stop.")
    private boolean dryRun;

    boolean dryRun() {
        return dryRun;
    }

    boolean resume() {
        return resume;
    }

    RunDirectory.Opening opening() {
        if (resume && clean) {
            throw new UsageException("--resume and --clean are mutually exclusive");
        }
        return resume ? RunDirectory.Opening.RESUME : clean ? RunDirectory.Opening.CLEAN : RunDirectory.Opening.FRESH;
    }

    /**
     * The run's directory, absolute.
     *
     * @throws UsageException when there is nothing to resume
     */
    Path path() {
        if (directory != null) {
            return onThisHost(directory).toAbsolutePath().normalize();
        }
        Path runs = Path.of("runs").toAbsolutePath();
        if (resume) {
            return NewestRun.under(runs)
                    .orElseThrow(() -> new UsageException("--resume: there is no run under " + runs));
        }
        return runs.resolve(LocalDateTime.now(ZoneId.systemDefault())
                .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT)));
    }

    private static Path onThisHost(Path directory) {
        String name = directory.toString();
        if (!name.contains(HOST)) {
            return directory;
        }
        try {
            return Path.of(name.replace(HOST, InetAddress.getLocalHost().getHostName()));
        } catch (UnknownHostException e) {
            throw new UsageException("--run-dir: this host's name is not known (" + e.getMessage() + ")", e);
        }
    }
}
