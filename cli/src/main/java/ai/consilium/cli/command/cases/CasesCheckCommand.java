package ai.consilium.cli.command.cases;

import ai.consilium.cases.check.CaseCheck;
import ai.consilium.cases.check.CaseFinding;
import ai.consilium.cases.check.CaseReport;
import ai.consilium.cases.check.PictureLook;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.image.DecodedImage;
import ai.consilium.policy.image.ImageDecoder;
import ai.consilium.policy.image.ImageSettings;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium cases check}. */
@Command(
        name = "check",
        description = {
            "Checks train.jsonl, val.jsonl and test.jsonl: every line, every picture, every trace against its label, and"
                    + " whether a case stands in two splits. Lists all problems; exit 0: none, 1: some.",
            "Settings: images.*, and model and prompts, which decide how traces are written."
        },
        mixinStandardHelpOptions = true)
final class CasesCheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "Directory of cases.")
    private Path directory;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--skip-bad",
            paramLabel = "OUT",
            description =
                    "Writes a copy without the cases that have problems, and left-out.jsonl with the reasons, to a new directory.")
    private @Nullable Path skipBad;

    @Override
    public Integer call() throws IOException {
        ConsiliumConfig config = options.load().config();
        ImageSettings settings = config.images().settings();
        PreflightChecks checks = new PreflightChecks(config);
        PromptLayout layout = checks.prompts(checks.modelDirectory(), options.base());
        if (skipBad != null) {
            CasesCommand.requireEmpty("--skip-bad", skipBad);
        }
        PrintWriter err = spec.commandLine().getErr();
        ProgressLine line = ProgressLine.watched() ? new ProgressLine(err, true) : null;
        CaseCheck check = CaseCheck.of(directory, layout, file -> look(file, settings), (done, of) -> {
            if (line != null) {
                synchronized (line) {
                    line.show(() -> bar(done, of));
                }
            }
        });
        if (line != null) {
            line.end();
        }
        CaseReport report = check.report();
        output.print(spec.commandLine().getOut(), report, out -> print(out, report));
        if (skipBad != null) {
            int left = check.copyClean(skipBad);
            err.println(skipBad + ": written; " + count(left, "case") + " left out, see "
                    + skipBad.resolve("left-out.jsonl"));
        }
        return report.problems().isEmpty() ? 0 : 1;
    }

    private static PictureLook look(Path file, ImageSettings settings) {
        try {
            DecodedImage image = ImageDecoder.read(file, settings);
            image.pixels().requireAspect(file.toString());
            return new PictureLook(null, image.notes());
        } catch (ModelException | UncheckedIOException e) {
            // The finding names the picture as the case does.
            String problem = String.valueOf(e.getMessage()).replace(file + ": ", "");
            return new PictureLook(problem, List.of());
        }
    }

    private static String bar(int done, int of) {
        int width = 30;
        int filled = width * done / of;
        return "[" + "#".repeat(filled) + " ".repeat(width - filled) + "] " + done + " of " + of + " pictures";
    }

    private void print(PrintWriter out, CaseReport report) {
        for (CaseReport.FileCount file : report.files()) {
            out.println(directory.resolve(file.file()) + ": " + file.cases() + (file.simulated() ? " simulated" : "")
                    + " cases " + file.specialties());
        }
        for (CaseFinding problem : report.problems()) {
            out.println(directory + File.separator + problem);
        }
        for (CaseFinding note : report.notes()) {
            out.println("note: " + note);
        }
        if (!report.problems().isEmpty() || !report.notes().isEmpty()) {
            out.println(count(report.problems().size(), "problem") + ", "
                    + count(report.notes().size(), "note"));
        }
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
