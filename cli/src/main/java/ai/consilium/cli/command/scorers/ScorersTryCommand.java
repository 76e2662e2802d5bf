package ai.consilium.cli.command.scorers;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.report.ResultsTable;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.scorers.ScorerCheck;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.decision.ScorerTrial;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.schemas.Score;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium scorers try}. */
@Command(
        name = "try",
        description = {
            "Scores completions by all configured scorers, and shows what each score rests on.",
            "Settings: reward.*, answer, model"
        },
        mixinStandardHelpOptions = true)
final class ScorersTryCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * A line of a file of completions.
     *
     * @param caseId {@code case}: id of the case that it answers; null: that of {@code --case}
     * @param perspective null: that of {@code --perspective}
     */
    private record Line(
            @Nullable String completion,

            @com.fasterxml.jackson.annotation.JsonProperty("case") @Nullable
            String caseId,

            @Nullable String perspective) {}

    /**
     * A score.
     *
     * @param completion its number, from 1
     */
    record Tried(
            int completion,
            String caseId,
            String perspective,
            String scorer,
            @Nullable Double score,
            @Nullable String unscored,
            List<String> evidence) {}

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private OutputOption output;

    @Option(names = "--completion", paramLabel = "TEXT", description = "A completion, with its end token.")
    private @Nullable String completion;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "JSON lines with completion and, where they differ from the options, case and perspective.")
    private @Nullable Path file;

    @Option(
            names = "--cases",
            paramLabel = "FILE",
            description = "Case file, JSON lines (default: one case of the simulated clinic).")
    private @Nullable Path cases;

    @Option(names = "--case", paramLabel = "ID", description = "Case that is answered (default: the first).")
    private @Nullable String caseId;

    @Option(
            names = "--perspective",
            defaultValue = "none",
            description = "Perspective under which it was sampled (default: ${DEFAULT-VALUE}).")
    private String perspective = "none";

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Line> lines = lines();
        ConsiliumConfig config = options.load().config();
        Known known = known(config);
        List<ScoringRequest> requests = new ArrayList<>();
        for (Line line : lines) {
            requests.add(request(requests.size() + 1, line, known));
        }
        List<Tried> found = new ArrayList<>();
        try (ScorerTrial trial = ScorerCheck.trial(new PreflightChecks(config).scoring(options.base()), config)) {
            for (int i = 0; i < requests.size(); i++) {
                for (Score score : trial.score(requests.get(i))) {
                    found.add(tried(i + 1, requests.get(i), score));
                }
            }
        }
        output.print(spec.commandLine().getOut(), found, out -> out.print(ResultsTable.table(table(found))));
        return 0;
    }

    private List<Line> lines() throws IOException {
        if ((completion == null) == (file == null)) {
            throw new UsageException("scorers try: give either --completion or --file");
        }
        if (file == null) {
            return List.of(new Line(completion, null, null));
        }
        List<Line> lines = new ArrayList<>();
        List<String> written = Files.readAllLines(file);
        for (int i = 0; i < written.size(); i++) {
            if (!written.get(i).isBlank()) {
                lines.add(line(file + ":" + (i + 1), written.get(i)));
            }
        }
        return lines;
    }

    private static Line line(String where, String text) {
        try {
            Line line = JSON.readValue(text, Line.class);
            if (line.completion() == null) {
                throw new UsageException(where + ": completion: is missing");
            }
            return line;
        } catch (JsonProcessingException broken) {
            throw new UsageException(where + ": " + broken.getOriginalMessage(), broken);
        }
    }

    /** Cases, and where the images of each lie. */
    private record Known(List<Case> cases, Function<Case, List<Path>> images) {}

    private Known known(ConsiliumConfig config) {
        if (cases == null) {
            return new Known(List.of(ScorersCommand.simulated(config)), about -> List.of());
        }
        try {
            CaseFile file = CaseFile.read(cases);
            return new Known(
                    file.cases(),
                    about -> about.images().stream().map(file::image).toList());
        } catch (CaseException unreadable) {
            throw new UsageException("--cases: " + unreadable.getMessage(), unreadable);
        }
    }

    private ScoringRequest request(int number, Line line, Known known) {
        String id = line.caseId() == null ? caseId : line.caseId();
        Case about = known.cases().stream()
                .filter(one -> id == null || one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new UsageException("--case: there is no case '" + id + "'"));
        String under = line.perspective() == null ? perspective : line.perspective();
        return new ScoringRequest(
                "try-" + number,
                about,
                String.valueOf(line.completion()),
                under,
                false,
                0,
                () -> known.images().apply(about));
    }

    private static Tried tried(int number, ScoringRequest request, Score score) {
        return new Tried(
                number,
                request.about().id(),
                request.perspective(),
                score.getScorer(),
                score.getValue(),
                score.getUnscoredReason(),
                score.getEvidence());
    }

    private static List<List<String>> table(List<Tried> found) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("completion", "case", "scorer", "score", "evidence"));
        for (Tried one : found) {
            Double score = one.score();
            lines.add(List.of(
                    Integer.toString(one.completion()),
                    one.caseId(),
                    one.scorer(),
                    score == null ? "-" : String.format(Locale.ROOT, "%.3f", score),
                    one.unscored() == null ? String.join("; ", one.evidence()) : "unscored: " + one.unscored()));
        }
        return lines;
    }
}
