package ai.consilium.cli.command.log;

import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.RunId;
import ai.consilium.cli.trace.CaseImages;
import ai.consilium.cli.trace.TraceTree;
import ai.consilium.cli.trace.Verification;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.lineage.LineageFiles;
import ai.consilium.runlog.provenance.Provenance;
import ai.consilium.runlog.provenance.ProvenanceReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium trace}: why is this version what it is, and what became of this sample? */
@Command(
        name = "trace",
        description = {
            "From a version to the groups that it was trained on: trajectories, scores, scorers, prompts, images, offsets;",
            "or from a group or a trajectory to the version that was trained on it, or why none was.",
            "With --verify: whether lineage files, adapters and log are as they were when the versions were published.",
            "With --run-dir: the run of 'train' in that directory, running or finished. Otherwise: the run run_id of a cluster."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium trace pediatrics@3 --run-dir runs/a",
            "  consilium trace unified@4 --run-dir runs/a -o json",
            "  consilium trace 3f2a90c1 --run-dir runs/a        # the beginning of a trajectory's id",
            "  consilium trace --verify --run-dir runs/a        # of all versions; ends with 1 if anything was changed"
        })
public final class TraceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "ID",
            description = "A version (pediatrics@3), a group, or a trajectory (its first 8 characters suffice).")
    private @Nullable String id;

    @Option(names = "--verify", description = "Check the version, and all that it came of, or all versions.")
    private boolean verify;

    @Option(
            names = "--lineage",
            paramLabel = "DIR",
            description = "With --verify: where lineage files lie (default: lineage in --run-dir).")
    private @Nullable Path lineage;

    @Mixin
    private LogOptions log;

    @Mixin
    private OutputOption output;

    /** What programs read. */
    private record Traced(
            Provenance provenance,
            Map<String, List<CaseImages.Image>> images,
            @Nullable String imagesMissing) {}

    @Override
    public Integer call() throws IOException {
        if (verify) {
            return verified();
        }
        if (id == null) {
            throw new UsageException("ID is not given");
        }
        String asked = id;
        Provenance traced = log.look(kafka -> new ProvenanceReader(kafka).of(asked));
        CaseImages images = CaseImages.of(traced.groups(), data());
        output.print(
                spec.commandLine().getOut(),
                new Traced(traced, new TreeMap<>(images.byCase()), images.missing()),
                out -> out.print(TraceTree.render(traced, images)));
        return 0;
    }

    private int verified() throws IOException {
        Optional<Path> run = log.directory();
        LineageFiles files = Optional.ofNullable(lineage)
                .map(LineageFiles::new)
                .or(() -> run.map(LineageFiles::of))
                .orElseThrow(
                        () -> new UsageException("--verify needs --run-dir, or --lineage for the run of a cluster"));
        String runId = run.map(directory -> RunId.of(log.configuration(), directory))
                .orElseGet(() -> log.configuration().runId());
        Verification found = log.look(kafka -> verify(kafka, runId, files, run));
        output.print(spec.commandLine().getOut(), found, found::print);
        return found.sound() ? 0 : 1;
    }

    private Verification verify(KafkaClients kafka, String runId, LineageFiles files, Optional<Path> run) {
        try {
            return Verification.of(kafka, runId, files, run, Optional.ofNullable(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Found when it is asked for: it may have to be fetched. */
    private Optional<Supplier<Path>> data() {
        ConsiliumConfig config = log.configuration();
        boolean known = log.directory().isPresent() || !config.simulated();
        return known ? Optional.of(() -> log.data(config)) : Optional.empty();
    }
}
