package ai.consilium.cli.command.log;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.progress.Interruption;
import ai.consilium.cli.run.CaseContent;
import ai.consilium.monitor.MonitorConfig;
import ai.consilium.monitor.MonitorService;
import ai.consilium.monitor.overlay.OverlayService;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium monitor}: the page of a run that is under way, has ended or was stopped. */
@Command(
        name = "monitor",
        description = {
            "Opens the page of a run, from its log, until Ctrl-C; writes nothing to the log.",
            "With RUN_DIR or --run-dir: the run of 'train' in that directory, running, finished or stopped. Of several: their curves"
                    + " over each other. Otherwise: the run run_id of a cluster."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium monitor --run-dir runs/a",
            "  consilium monitor runs/a runs/b runs/c          # their curves over each other",
            "  consilium monitor --set run_id=first --set kafka.bootstrap.servers=HOST:9092 --set schema_registry.url=http://HOST:8085"
        })
public final class MonitorCommand implements Callable<Integer> {
    /** How often it looks whether a run that was under way has ended. */
    private static final Duration LOOKS = Duration.ofSeconds(1);

    private static final Duration NAP = Duration.ofMillis(100);

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions log;

    @Parameters(arity = "0..*", paramLabel = "RUN_DIR", description = "Run directories of 'train'.")
    private List<Path> runs = List.of();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Port of the page; 0: any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Override
    public Integer call() throws IOException {
        List<Path> all = Stream.concat(log.directory().stream(), runs.stream()).toList();
        if (all.size() > 1) {
            return overlay(all);
        }
        all.forEach(log::mean);
        return one();
    }

    private int overlay(List<Path> all) throws IOException {
        MonitorConfig page = log.given().load().config().monitor().at(port);
        try (Interruption interruption = new Interruption();
                OverlaidRuns overlaid = new OverlaidRuns(all, log.given());
                OverlayService service = new OverlayService(page, overlaid.curves(), overlaid.settings())) {
            service.start();
            overlaid.start();
            announce(service.announcement(), "");
            while (!interruption.asked()) {
                service.threads().forEach(MonitorCommand::requireAlive);
                Thread.sleep(NAP.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    private void announce(String address, String more) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("live page      " + address);
        err.println("               Ctrl-C ends it" + more);
        err.flush();
    }

    private int one() throws IOException {
        ConsiliumConfig config = log.configuration();
        try (Interruption interruption = new Interruption()) {
            // The broker of a run ends with it: then its log is opened here, and the page goes on at the same address.
            while (!interruption.asked() && !Thread.currentThread().isInterrupted()) {
                boolean elsewhere = log.underWay();
                port = log.look(kafka -> serve(config, kafka, elsewhere, interruption));
            }
        }
        return 0;
    }

    /**
     * Serves until Ctrl-C, or until a run that was under way elsewhere has ended.
     *
     * @return port that the page was at
     */
    private int serve(ConsiliumConfig config, KafkaClients kafka, boolean elsewhere, Interruption interruption) {
        MonitorConfig page = config.monitor().at(port);
        RunContext context = new RunContext(
                kafka.settings().prefix(), "monitor", config.specialties(), kafka, new SimpleMeterRegistry());
        RunContext ofRun = ManifestLog.newest(kafka).map(context::under).orElse(context);
        Path directory = log.directory().orElse(Path.of(""));
        try (MonitorService monitor = new MonitorService(
                ofRun,
                page,
                CaseContent.inputs(config, log.base(), () -> new CaseLibrary(log.data(config)), directory, true))) {
            monitor.start();
            announce(monitor.announcement(), elsewhere ? "; the run goes on" : "");
            long nextLook = System.nanoTime() + LOOKS.toNanos();
            while (!interruption.asked()) {
                monitor.threads().forEach(MonitorCommand::requireAlive);
                if (elsewhere && System.nanoTime() > nextLook) {
                    nextLook = System.nanoTime() + LOOKS.toNanos();
                    if (!log.underWay()) {
                        break;
                    }
                }
                Thread.sleep(NAP.toMillis());
            }
            return monitor.port();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return port;
        }
    }

    private static void requireAlive(ServiceThread thread) {
        thread.failure().ifPresent(failure -> {
            throw new IllegalStateException(thread.name() + " failed: " + failure.getMessage(), failure);
        });
    }
}
