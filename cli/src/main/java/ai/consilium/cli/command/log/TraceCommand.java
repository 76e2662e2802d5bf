package ai.consilium.cli.command.log;

import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.trace.CaseImages;
import ai.consilium.cli.trace.TraceTree;
import ai.consilium.runlog.provenance.Provenance;
import ai.consilium.runlog.provenance.ProvenanceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium trace}: why is this version what it is, and what became of this sample? */
@Command(
        name = "trace",
        description = {
            "From a version to the groups that it was trained on: trajectories, scores, scorers, prompts, images, offsets;",
            "or from a group or a trajectory to the version that was trained on it, or why none was.",
            "With --run-dir: the run of 'train' in that directory, running or finished. Otherwise: the run run_id of a cluster."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium trace pediatrics@3 --run-dir runs/a",
            "  consilium trace unified@4 --run-dir runs/a -o json",
            "  consilium trace 3f2a90c1 --run-dir runs/a        # the beginning of a trajectory's id"
        })
public final class TraceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ID",
            description = "A version (pediatrics@3), a group, or a trajectory (its first 8 characters suffice).")
    private String id;

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
        Provenance traced = log.look(kafka -> new ProvenanceReader(kafka).of(id));
        CaseImages images = CaseImages.of(traced.groups(), data());
        output.print(
                spec.commandLine().getOut(),
                new Traced(traced, new TreeMap<>(images.byCase()), images.missing()),
                out -> out.print(TraceTree.render(traced, images)));
        return 0;
    }

    private Optional<Path> data() {
        ConsiliumConfig config = log.configuration();
        Optional<Path> run = log.directory();
        if (run.isPresent()) {
            return Optional.of(DataSet.root(config, run.get()));
        }
        return config.simulated() ? Optional.empty() : Optional.of(Path.of(config.dataRoot()));
    }
}
