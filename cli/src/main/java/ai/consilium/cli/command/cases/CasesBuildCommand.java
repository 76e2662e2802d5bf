package ai.consilium.cli.command.cases;

import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cli.build.BuildSettings;
import ai.consilium.cli.build.CaseBuild;
import ai.consilium.cli.build.Datasheet;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.chat.ChatBudget;
import ai.consilium.platform.chat.ChatCache;
import ai.consilium.platform.chat.ChatClient;
import ai.consilium.platform.chat.ChatEndpoint;
import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.rubric.RubricFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium cases build}. */
@Command(
        name = "build",
        description = {
            "Has a teacher, any model behind OpenAI's chat protocol, write step-by-step reasoning for the cases of train.jsonl"
                    + " that have none, and keeps what is right (docs/CASES.md, Build).",
            "Started again, it goes on where it was stopped: no answer is asked for twice. Exit 0: done, 1: the budget is"
                    + " spent. Settings: images.*"
        },
        mixinStandardHelpOptions = true)
final class CasesBuildCommand implements Callable<Integer> {
    private static final String REPLIES = "replies";
    private static final String LOCK = ".lock";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private ChatOptions chat;

    @Mixin
    private OutputOption output;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "Directory of cases, or one file of cases (JSONL).")
    private Path source;

    @Parameters(
            index = "1",
            paramLabel = "DIR",
            description = "New or empty directory, or that of an earlier start, which goes on.")
    private Path out;

    @Option(
            names = "--perspectives",
            split = ",",
            paramLabel = "NAME",
            description = "Reasoning that is asked for (default: ${DEFAULT-VALUE}).",
            defaultValue = "differential,intuitive,analytical,bayesian")
    private List<String> perspectives = List.of();

    @Option(
            names = "--prompts",
            paramLabel = "LAYOUT",
            defaultValue = "shipped:clinical",
            description = "Prompt layout: a YAML file or a shipped one (default: ${DEFAULT-VALUE}).")
    private String prompts = "";

    @Option(
            names = "--rubric",
            paramLabel = "FILE",
            description = "Guideline in place of the shipped one for its perspective (docs/REWARDS.md). Repeatable.")
    private List<String> rubrics = List.of();

    @Option(
            names = "--min-score",
            paramLabel = "SCORE",
            defaultValue = "0.5",
            description = "Least score by the perspective's guideline, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double minScore;

    @Option(
            names = "--tries",
            paramLabel = "N",
            defaultValue = "3",
            description = "Answers per trace until one is kept (default: ${DEFAULT-VALUE}).")
    private int tries;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.6",
            description = "Of the first try; each later one has 0.1 more (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of the first try; each later one has 1 more (default: ${DEFAULT-VALUE}).")
    private int seed;

    @Option(
            names = "--reply-tokens",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Most tokens of an answer (default: ${DEFAULT-VALUE}).")
    private int replyTokens;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "4",
            description = "Requests under way at once (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(names = "--cache", paramLabel = "DIR", description = "Where replies are kept (default: DIR/replies).")
    private @Nullable Path cache;

    @Option(
            names = "--licence",
            paramLabel = "SOURCE=TEXT",
            description = "Licence of the cases with that source, for the datasheet. Repeatable.")
    private Map<String, String> licences = Map.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        require("--tries", tries, 1, 100);
        require("--concurrency", concurrency, 1, 256);
        require("--reply-tokens", replyTokens, 1, 1_000_000);
        require("--min-score", minScore, 0, 1);
        require("--temperature", temperature, 0, 2);
        ChatEndpoint endpoint = chat.endpoint(options);
        ChatBudget budget = chat.budget();
        if (Files.exists(out) && Files.exists(source) && Files.isSameFile(out, source)) {
            throw new UsageException("DIR: must be another directory than SOURCE, which stays as it is");
        }
        CaseBuild build = CaseBuild.of(source, settings(endpoint), licences);
        if (!Files.isDirectory(out.resolve(REPLIES))) {
            CasesCommand.requireEmpty("DIR", out);
        }
        try (DirectoryLock lock = DirectoryLock.tryClaim(out.resolve(REPLIES), LOCK)
                .orElseThrow(() -> new UsageException("DIR: " + out + " is being built by another process"))) {
            ChatCache replies = new ChatCache(cache == null ? out.resolve(REPLIES) : cache);
            ChatClient teacher = new ChatClient(RemoteHttp.client(), endpoint, budget, replies);
            PrintWriter err = spec.commandLine().getErr();
            CaseBuild.Report report = build.run(teacher, out, new ProgressLine(err, ProgressLine.watched()));
            output.print(spec.commandLine().getOut(), report.sheet(), to -> print(to, report.sheet()));
            err.println("asked: " + budget.requests() + " requests, " + budget.tokens() + " tokens");
            if (report.stopped() != null) {
                err.println("consilium: " + report.stopped() + "; "
                        + report.sheet().open() + " traces are open: the same command goes on from here");
                return 1;
            }
            err.println("next: consilium cases check " + out);
            return 0;
        }
    }

    private BuildSettings settings(ChatEndpoint endpoint) {
        PromptLayout layout = PromptLayouts.read(prompts, options.base());
        for (String perspective : perspectives) {
            if (!layout.perspectives().contains(perspective)) {
                throw new UsageException("--perspectives: '" + perspective + "' is not one of "
                        + String.join(", ", layout.perspectives()) + ", which the prompt layout " + layout.name()
                        + " knows");
            }
        }
        return new BuildSettings(
                new BuildSettings.Teacher(chat.model(), endpoint.shown()),
                layout,
                perspectives,
                guidelines(),
                minScore,
                tries,
                new BuildSettings.Sampling(temperature, seed, replyTokens, chat.extraFields()),
                concurrency,
                options.load().config().images().settings());
    }

    private SortedMap<String, Rubric> guidelines() {
        List<Rubric> read = new ArrayList<>();
        for (String perspective : perspectives) {
            if (Perspective.ALL.contains(perspective) && !perspective.equals(Perspective.NONE)) {
                read.add(RubricFile.read("--rubric", "shipped:clinical/" + perspective, options.base()));
            }
        }
        for (String file : rubrics) {
            Rubric rubric = RubricFile.read("--rubric", file, options.base());
            if (rubric.perspective() == null || !perspectives.contains(rubric.perspective())) {
                throw new UsageException("--rubric: " + file + " is for the perspective '" + rubric.perspective()
                        + "', which is none of " + String.join(", ", perspectives));
            }
            read.add(rubric);
        }
        SortedMap<String, Rubric> byPerspective = new TreeMap<>();
        read.forEach(rubric -> byPerspective.put(String.valueOf(rubric.perspective()), rubric));
        return byPerspective;
    }

    private void print(PrintWriter to, Datasheet sheet) {
        to.println(out + ": " + sheet.kept() + " traces kept " + sheet.traces());
        if (!sheet.without().isEmpty()) {
            to.println("none kept: " + sheet.without());
        }
        if (!sheet.refusals().isEmpty()) {
            to.println("answers refused: " + sheet.refusals());
        }
        if (sheet.unscored() > 0) {
            to.println("kept on answer and form alone, for want of evidence in the case: " + sheet.unscored());
        }
        to.println("tokens: " + sheet.usage().promptTokens() + " of prompts, "
                + sheet.usage().completionTokens() + " of answers");
        to.println("datasheet: " + out.resolve("DATASHEET.md"));
    }

    private static void require(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new UsageException(
                    option + ": must be between " + number(least) + " and " + number(most) + ", not " + number(value));
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
