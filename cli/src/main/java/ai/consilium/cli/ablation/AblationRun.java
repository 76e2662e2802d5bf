package ai.consilium.cli.ablation;

import ai.consilium.cli.ablation.AblationUnit.State;
import ai.consilium.cli.directory.FinishedRun;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.progress.Interruption;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.cli.train.MergeRun;
import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.reward.rubric.Rubric;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of an ablation over seeds, one after the other, begun or gone on with. */
public final class AblationRun {
    private static final String LOCK = "ablation.lock";
    private static final String LINES = "ablation.jsonl";
    private static final String RESULTS = "ablation.json";
    private static final String PICTURE = "ablation.svg";

    private final AblationPlan plan;
    private final @Nullable AblationAdherence adherence;
    private final PrintWriter err;
    private final @Nullable ProgressLine line;

    /**
     * Of a plan.
     *
     * @param guidelines that right answers are scored by; none need be
     * @param line null shows no progress
     */
    public AblationRun(AblationPlan plan, List<Rubric> guidelines, PrintWriter err, @Nullable ProgressLine line) {
        this.plan = plan;
        this.adherence = guidelines.isEmpty() ? null : new AblationAdherence(plan, guidelines);
        this.err = err;
        this.line = line;
    }

    /**
     * How a start ended.
     *
     * @param results of what is finished, by any start; empty when it was asked to stop before the end
     * @param missing rows and seeds without results
     */
    public record Ended(Optional<AblationResults> results, List<String> missing) {}

    /**
     * Runs what is missing.
     *
     * @param reportOnly runs nothing
     * @throws UsageException when the directory is in use, holds something else, or was begun with other settings
     */
    @SuppressWarnings("try") // held, not used: nobody else may run rows here meanwhile
    public Ended run(boolean reportOnly) throws IOException, InterruptedException {
        requireAblation(reportOnly);
        try (DirectoryLock held = DirectoryLock.tryClaim(plan.out(), LOCK)
                        .orElseThrow(
                                () -> new UsageException("--out: " + plan.out() + " is in use by another process"));
                Interruption interruption = new Interruption()) {
            List<AblationUnit> open = new ArrayList<>();
            for (AblationUnit unit : plan.units()) {
                if (unit.state() != State.DONE) {
                    open.add(unit);
                }
            }
            if (!reportOnly) {
                run(open, interruption);
                examine(interruption);
            }
            if (interruption.asked()) {
                // Here, because the process ends as soon as the interruption is closed.
                err.println("consilium: interrupted; the same command goes on");
                err.flush();
                return new Ended(Optional.empty(), missing());
            }
            return new Ended(Optional.of(conclude()), missing());
        }
    }

    /** Sums up, and writes it beside the lines. */
    private AblationResults conclude() throws IOException {
        AblationVerdicts verdicts = AblationVerdicts.read(plan);
        verdicts.writeLines(plan.out().resolve(LINES));
        AblationResults results =
                AblationResults.of(plan.rows(), verdicts, adherence == null ? null : adherence.read());
        AtomicFile.write(plan.out().resolve(RESULTS), ReportJson.write(results) + "\n");
        AtomicFile.write(plan.out().resolve(PICTURE), AblationPicture.of(results));
        return results;
    }

    private List<String> missing() throws IOException {
        List<AblationUnit> missing = new ArrayList<>(plan.units());
        missing.removeAll(plan.done());
        return missing.stream().map(AblationUnit::name).toList();
    }

    private void requireAblation(boolean begun) throws IOException {
        Path out = plan.out();
        if (begun && !Files.exists(out.resolve(LOCK))) {
            throw new UsageException("--report: " + out + " contains no ablation");
        }
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new UsageException("--out: " + out + " is a file");
        }
        if (Files.isDirectory(out) && !Files.exists(out.resolve(LOCK))) {
            try (Stream<Path> inside = Files.list(out)) {
                if (inside.findAny().isPresent()) {
                    throw new UsageException(
                            "--out: " + out + " contains files that do not belong to an ablation; choose another");
                }
            }
        }
    }

    private void run(List<AblationUnit> open, Interruption interruption) throws IOException, InterruptedException {
        AblationProgress progress = new AblationProgress(line, plan.units().size(), open);
        for (AblationUnit unit : open) {
            progress.next();
            boolean well = unit.row().kind().trains() ? train(unit, interruption, progress) : merge(unit, progress);
            progress.ended(well);
            if (interruption.asked()) {
                break;
            }
            AblationVerdicts.read(plan).writeLines(plan.out().resolve(LINES));
        }
        progress.end();
    }

    /** All that is done: guidelines may be added when the rows are there. */
    private void examine(Interruption interruption) throws IOException, InterruptedException {
        if (adherence == null) {
            return;
        }
        for (AblationUnit unit : plan.done()) {
            if (interruption.asked()) {
                break;
            }
            adherence.examine(unit, line);
        }
    }

    private boolean train(AblationUnit unit, Interruption interruption, AblationProgress progress)
            throws IOException, InterruptedException {
        Path log = Files.createDirectories(plan.out().resolve("logs"))
                .resolve(unit.directory().getFileName() + ".log");
        progress.show(log);
        int code = TrainProcess.run(
                plan.arguments(unit, unit.state() == State.BEGUN), log, interruption, () -> progress.show(log));
        boolean well = code == 0 && unit.state() == State.DONE;
        if (!well && !interruption.asked()) {
            failed(unit, "exit " + code + ": " + TrainProcess.lastWords(log) + " (" + log + ")", progress);
        }
        return well;
    }

    private boolean merge(AblationUnit unit, AblationProgress progress) throws IOException, InterruptedException {
        AblationUnit experts = plan.experts(unit.seed());
        if (experts.state() != State.DONE) {
            failed(unit, "it merges the experts of " + experts.name() + ", which is not finished", progress);
            return false;
        }
        progress.show(unit.directory());
        if (Files.exists(unit.directory())) {
            // Begun only: a merge is quick to do again.
            RunDirectory.delete(unit.directory());
        }
        Files.createDirectories(unit.directory());
        AtomicFile.write(
                unit.directory().resolve(RunFiles.CONFIG), unit.settings().yaml());
        try {
            new MergeRun(unit.settings().config(), new FinishedRun(experts.directory())).into(unit.directory());
            return true;
        } catch (IOException | RuntimeException e) {
            failed(unit, e.toString(), progress);
            return false;
        }
    }

    private void failed(AblationUnit unit, String why, AblationProgress progress) {
        progress.end();
        err.println("consilium: " + unit.name() + " failed: " + why);
        err.flush();
    }
}
