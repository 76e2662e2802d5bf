package ai.consilium.cli.build;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.importing.source.CaseSource;
import ai.consilium.cases.importing.source.CaseSources;
import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.cli.run.BuildInfo;
import ai.consilium.platform.AtomicFile;
import ai.consilium.reward.rubric.Rubric;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.codec.digest.DigestUtils;

/** Draws up the sheet of a directory that was built, and writes it beside the cases. */
final class DatasheetWriter {
    static final String JSON_FILE = "datasheet.json";
    static final String PAGE_FILE = "DATASHEET.md";

    private final BuildSettings settings;
    private final Map<String, String> licences;

    /** @param licences by source, as they were given */
    DatasheetWriter(BuildSettings settings, Map<String, String> licences) {
        this.settings = settings;
        this.licences = licences;
    }

    Datasheet write(Path out, String from, SourceCases source, TraceBuild.Result result)
            throws JsonProcessingException {
        Datasheet sheet = sheet(out, from, source, result);
        Datasheet whole = sheet.hashed(DigestUtils.sha256Hex(ReportJson.write(sheet)));
        AtomicFile.write(out.resolve(JSON_FILE), ReportJson.write(whole) + "\n");
        AtomicFile.write(out.resolve(PAGE_FILE), DatasheetPage.of(whole));
        return whole;
    }

    private Datasheet sheet(Path out, String from, SourceCases source, TraceBuild.Result result)
            throws JsonProcessingException {
        List<TraceOutcome> outcomes = result.outcomes();
        List<TraceOutcome> kept = outcomes.stream().filter(TraceOutcome::kept).toList();
        SortedMap<String, SortedMap<String, Integer>> traces = new TreeMap<>();
        SortedMap<String, Integer> without = new TreeMap<>();
        SortedMap<String, Integer> refusals = new TreeMap<>();
        for (TraceOutcome outcome : outcomes) {
            if (outcome.kept()) {
                traces.computeIfAbsent(outcome.specialty(), name -> new TreeMap<>())
                        .merge(outcome.perspective(), 1, Integer::sum);
            } else {
                without.merge(outcome.perspective(), 1, Integer::sum);
            }
            outcome.attempts().stream()
                    .map(TraceOutcome.Attempt::result)
                    .filter(answer -> !answer.equals(TraceOutcome.KEPT))
                    .forEach(reason -> refusals.merge(reason, 1, Integer::sum));
        }
        return new Datasheet(
                "consilium " + new BuildInfo().version(),
                from,
                result.open() == 0,
                result.open(),
                files(out),
                sources(source.all()),
                traces,
                had(source.training().cases()),
                without,
                (int) kept.stream().filter(each -> each.score() == null).count(),
                refusals,
                new Datasheet.Author(
                        settings.teacher().model(), settings.teacher().url(), answeredAs(outcomes)),
                prompts(),
                guidelines(),
                selection(),
                usage(outcomes),
                imagesSha256(source),
                "");
    }

    private static List<Datasheet.File> files(Path out) {
        List<Datasheet.File> files = new ArrayList<>();
        for (String name : CaseLibrary.FILES) {
            if (Files.exists(out.resolve(name))) {
                CaseFile file = CaseFile.read(out.resolve(name));
                files.add(new Datasheet.File(name, file.cases().size(), file.sha256()));
            }
        }
        return files;
    }

    private List<Datasheet.Source> sources(List<Case> cases) {
        SortedMap<String, Integer> counts = new TreeMap<>();
        cases.forEach(each -> counts.merge(each.source(), 1, Integer::sum));
        return counts.entrySet().stream()
                .map(count -> new Datasheet.Source(count.getKey(), count.getValue(), licence(count.getKey())))
                .toList();
    }

    private String licence(String source) {
        String given = licences.get(source);
        return given != null
                ? given
                : CaseSources.PUBLIC.stream()
                        .filter(each -> each.name().equals(source))
                        .map(CaseSource::licence)
                        .findFirst()
                        .orElse("not given");
    }

    private SortedMap<String, Integer> had(List<Case> cases) {
        SortedMap<String, Integer> had = new TreeMap<>();
        for (String perspective : settings.perspectives()) {
            int count = (int) cases.stream()
                    .filter(each -> each.traces().containsKey(perspective))
                    .count();
            if (count > 0) {
                had.put(perspective, count);
            }
        }
        return had;
    }

    private static List<String> answeredAs(List<TraceOutcome> outcomes) {
        TreeSet<String> models = new TreeSet<>();
        outcomes.forEach(outcome -> outcome.attempts().forEach(attempt -> models.add(attempt.model())));
        models.remove("");
        return List.copyOf(models);
    }

    private Datasheet.Prompts prompts() {
        SortedMap<String, String> instructions = new TreeMap<>();
        String system = "";
        for (String perspective : settings.perspectives()) {
            var prompt = settings.layout().prompt(0, MarkedText.NONE, perspective);
            system = prompt.system().text();
            instructions.put(perspective, prompt.user().text().strip());
        }
        return new Datasheet.Prompts(settings.layout().name(), settings.layout().hash(), system, instructions);
    }

    private SortedMap<String, Datasheet.Guideline> guidelines() throws JsonProcessingException {
        SortedMap<String, Datasheet.Guideline> guidelines = new TreeMap<>();
        for (Map.Entry<String, Rubric> rubric : settings.rubrics().entrySet()) {
            String content = ReportJson.write(rubric.getValue());
            guidelines.put(
                    rubric.getKey(), new Datasheet.Guideline(rubric.getValue().name(), DigestUtils.sha256Hex(content)));
        }
        return guidelines;
    }

    private Datasheet.Selection selection() {
        BuildSettings.Sampling sampling = settings.sampling();
        return new Datasheet.Selection(
                settings.minScore(),
                settings.tries(),
                sampling.temperature(),
                BuildSettings.TEMPERATURE_STEP,
                sampling.seed(),
                sampling.replyTokens(),
                sampling.extra());
    }

    private static Datasheet.Usage usage(List<TraceOutcome> outcomes) {
        List<TraceOutcome.Attempt> answers = outcomes.stream()
                .flatMap(outcome -> outcome.attempts().stream())
                .filter(attempt -> attempt.promptTokens() + attempt.completionTokens() > 0)
                .toList();
        return new Datasheet.Usage(
                answers.size(),
                answers.stream().mapToLong(TraceOutcome.Attempt::promptTokens).sum(),
                answers.stream()
                        .mapToLong(TraceOutcome.Attempt::completionTokens)
                        .sum());
    }

    private static String imagesSha256(SourceCases source) {
        StringBuilder all = new StringBuilder(source.training().imagesSha256());
        source.others().forEach(file -> all.append(file.imagesSha256()));
        return DigestUtils.sha256Hex(all.toString());
    }
}
