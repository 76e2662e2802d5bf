package ai.consilium.cli.command;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.eval.Answered;
import ai.consilium.cli.eval.Asking;
import ai.consilium.cli.eval.EvaluationCases;
import ai.consilium.cli.eval.NamedAdapter;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.model.ModelDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
import picocli.CommandLine.Spec;

/** {@code consilium ask}: one question, answered with its reasoning. */
@Command(
        name = "ask",
        description = {
            "Puts one question to a model or to an adapter, and prints its reasoning and its answer.",
            "For looking at what was learnt; no medical advice."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  consilium ask --run-dir runs/a --cases runs/a/data/test.jsonl --id sim-test-pediatrics-00003",
            "  consilium ask --run-dir runs/a --adapter unified --image film.png \\",
            "    --question 'Where should this patient be treated?' --option 'home care' --option ward \\",
            "    --context urea=12 --specialty adult_medicine",
            "  consilium ask --model DIR --question 'What is CURB-65?' --max-tokens 200"
        })
public final class AskCommand implements Callable<Integer> {
    private static final int MOST_OPTIONS = 26;

    @Spec
    private CommandSpec spec;

    @Mixin
    private PolicyOptions policy;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--adapter",
            paramLabel = "NAME[=DIR]",
            description =
                    "NAME=DIR: a PEFT directory. With --run-dir: unified, shared, rl/SPECIALTY or dsa/SPECIALTY. base:"
                            + " the model alone (default: unified with --run-dir, else base).")
    private @Nullable String adapter;

    @Option(
            names = "--cases",
            paramLabel = "FILE",
            description = "Case file, or its address, that the question stands in; with --id.")
    private @Nullable String cases;

    @Option(names = "--id", paramLabel = "ID", description = "Which of its cases.")
    private @Nullable String id;

    @Option(names = "--question", paramLabel = "TEXT", description = "A question of your own.")
    private @Nullable String question;

    @Option(names = "--image", paramLabel = "FILE", description = "Its image. Repeatable.")
    private List<Path> images = List.of();

    @Option(
            names = "--option",
            paramLabel = "TEXT",
            description =
                    "An answer to choose from, in the order of the letters. Repeatable; without, the question is open.")
    private List<String> options = List.of();

    @Option(
            names = "--context",
            paramLabel = "NAME=VALUE",
            description = "What is known of the patient, for example urea=12. Repeatable.")
    private Map<String, String> context = new LinkedHashMap<>();

    @Option(
            names = "--specialty",
            paramLabel = "NAME",
            defaultValue = "",
            description = "Whose question it is; some prompt layouts, such as that of models/tiny, say so.")
    private String specialty = "";

    @Option(
            names = "--perspective",
            paramLabel = "NAME",
            defaultValue = Perspective.NONE,
            description = "Asks under a perspective's instruction, for example analytical (default: ${DEFAULT-VALUE}).")
    private String perspective = Perspective.NONE;

    @Mixin
    private SamplingOptions sampling;

    @Option(names = "--show-prompt", description = "Print first what the model reads.")
    private boolean showPrompt;

    @Override
    public Integer call() throws Exception {
        Evaluator.Sampling how = sampling.checked();
        ConsiliumConfig config = policy.config();
        Question asked = asked(config);
        ModelDirectory model = new PreflightChecks(config).model();
        String name = adapter != null ? adapter : policy.run() == null ? NamedAdapter.BASE : "unified";
        NamedAdapter who = NamedAdapter.read(List.of(name), policy.run(), model).get(0);
        Answered answered = new Asking(config, policy.base(), how, sampling.maxTokens(config))
                .put(who, perspective, asked.of(), asked.images(), asked.known());
        output.print(spec.commandLine().getOut(), answered, text -> {
            if (showPrompt) {
                text.println(answered.prompt() + "\n");
            }
            text.print(answered.render());
        });
        return 0;
    }

    /** @param known whether the label is */
    private record Question(Case of, List<Path> images, boolean known) {}

    private Question asked(ConsiliumConfig config) {
        if ((question == null) == (cases == null)) {
            throw new UsageException("--question: give a question of your own, or --cases FILE with --id ID");
        }
        if (cases == null) {
            return own(String.valueOf(question));
        }
        if (id == null) {
            throw new UsageException("--id: which case of " + cases + "?");
        }
        if (!images.isEmpty() || !options.isEmpty() || !context.isEmpty() || !specialty.isEmpty()) {
            throw new UsageException("--cases: the case has its own image, options, context and specialty");
        }
        EvaluationCases file = EvaluationCases.read(List.of(LocalFiles.caseFile("--cases", cases, config)), null);
        String relative = file.files().keySet().iterator().next();
        CaseLibrary library = file.library();
        Case of = library.file(relative).cases().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new UsageException("--id: " + cases + " has no case " + id));
        return new Question(of, library.images(relative, of), true);
    }

    private Question own(String text) {
        if (id != null) {
            throw new UsageException("--id: goes with --cases");
        }
        if (options.size() == 1 || options.size() > MOST_OPTIONS) {
            throw new UsageException("--option: give 2 to " + MOST_OPTIONS + ", or none for an open question");
        }
        for (Path image : images) {
            if (!Files.isRegularFile(image)) {
                throw new UsageException("--image: " + image + ": no such file");
            }
        }
        SortedMap<String, String> byLetter = new TreeMap<>();
        options.forEach(option -> byLetter.put(Character.toString('A' + byLetter.size()), option));
        return new Question(
                new Case(
                        "the question",
                        specialty,
                        "",
                        images.stream().map(Path::toString).toList(),
                        text,
                        byLetter,
                        "A",
                        context,
                        null,
                        Map.of(),
                        ""),
                images,
                false);
    }
}
