package ai.consilium.cli.build;

import ai.consilium.cases.format.CaseFile;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.chat.ChatClient;
import ai.consilium.platform.chat.ChatException;
import ai.consilium.platform.chat.ChatException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A whole build: reads a source, has traces written, writes the directory and its datasheet. */
public final class CaseBuild {
    private final String from;
    private final SourceCases source;
    private final BuildSettings settings;
    private final Map<String, String> licences;

    /**
     * What came of it.
     *
     * @param stopped why it ended before everything was tried, or null
     */
    public record Report(Datasheet sheet, @Nullable String stopped) {}

    private CaseBuild(String from, SourceCases source, BuildSettings settings, Map<String, String> licences) {
        this.from = from;
        this.source = source;
        this.settings = settings;
        this.licences = licences;
    }

    /**
     * Of a source, which is read and checked whole.
     *
     * @param source a directory of cases, or one file of cases
     * @param licences by the cases' source, as they were given
     * @throws ai.consilium.cases.format.CaseException naming file and line of what cannot be used
     */
    public static CaseBuild of(Path source, BuildSettings settings, Map<String, String> licences) {
        return new CaseBuild(source.toString(), SourceCases.read(source), settings, licences);
    }

    /**
     * Builds.
     *
     * @param out what is there of an earlier start is replaced
     * @throws UsageException when the teacher cannot be asked; what it answered before is in the cache
     */
    public Report run(ChatClient teacher, Path out, ProgressLine line) throws IOException, InterruptedException {
        CaseFile training = source.training();
        List<TraceBuild.Task> tasks = TraceBuild.tasks(training.cases(), settings.perspectives());
        BuildProgress progress = new BuildProgress(line, tasks.size());
        TraceAuthor author = new TraceAuthor(
                teacher,
                new TeacherPrompt(settings, training),
                new TraceExam(settings.rubrics(), settings.minScore()),
                settings.tries());
        TraceBuild.Result result;
        try (TraceLog log = new TraceLog(out)) {
            result = new TraceBuild(author, settings.concurrency(), outcome -> {
                        log.add(outcome);
                        progress.done(outcome);
                    })
                    .run(tasks);
        } finally {
            progress.end();
        }
        ChatException stopped = result.stopped();
        if (stopped != null && stopped.kind() != Kind.BUDGET) {
            throw new UsageException(stopped.reason() + advice(stopped), stopped);
        }
        source.write(out, result.outcomes());
        Datasheet sheet = new DatasheetWriter(settings, licences).write(out, from, source, result);
        return new Report(sheet, stopped == null ? null : stopped.reason());
    }

    private static String advice(ChatException stopped) {
        return stopped.kind() == Kind.SETUP
                ? "; check --url, --model and --api-key-env"
                : "; is --url right, and the server up? What was answered is kept: the same command goes on from there";
    }
}
