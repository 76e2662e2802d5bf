package ai.consilium.cli.command.log;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.report.RunReport;
import ai.consilium.cli.run.CaseContent;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium report}: a run as one page that opens from disk. */
@Command(
        name = "report",
        description = {
            "Writes report.html, the page of a run that needs no network and no process: settings, results, curves, samples.",
            "'train' writes it at the end of a run; this writes it of an earlier run, of one that goes on, or of a cluster's."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium report --run-dir runs/a",
            "  consilium report --set run_id=first --set kafka.bootstrap.servers=HOST:9092 \\",
            "    --set schema_registry.url=http://HOST:8085 --out report.html"
        })
public final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions log;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where it is written, over what is there; without it: report.html in the run directory.")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
        ConsiliumConfig config = log.configuration();
        Path file = out != null
                ? out.toAbsolutePath()
                : log.directory()
                        .map(run -> run.resolve(RunReport.FILE))
                        .orElseThrow(() -> new UsageException("--out is not given, and no --run-dir to write into"));
        log.look(kafka -> {
            RunReport report = new RunReport(
                    kafka.settings().prefix(),
                    config,
                    CaseContent.inputs(
                            config,
                            log.base(),
                            () -> new CaseLibrary(log.data(config)),
                            log.directory().orElse(Path.of("")),
                            true),
                    log.directory().orElse(null));
            report.write(kafka, file);
            return file;
        });
        PrintWriter terminal = spec.commandLine().getOut();
        terminal.println(file);
        terminal.flush();
        return 0;
    }
}
