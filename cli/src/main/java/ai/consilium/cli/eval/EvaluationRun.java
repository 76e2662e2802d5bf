package ai.consilium.cli.eval;

import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.eval.EvaluationPlan.Batch;
import ai.consilium.cli.memory.RoleMemory;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.report.Adherence;
import ai.consilium.cli.report.EvaluationResults;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.evaluation.Concurrently;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.reward.rubric.Rubric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One evaluation in a directory, begun or resumed: what is missing is sampled, then all of it is summed up. */
public final class EvaluationRun {
    /** The file that holds what right answers score by guideline: by policy, perspective and case. */
    public static final String ADHERENCE = "adherence.json";

    private static final String LOCK = "evaluation.lock";
    /** Grows when a completion may be taken for another answer than before: predictions hold the answers. */
    private static final String EXTRACTION = "2";

    private final ConsiliumConfig config;
    private final Path base;
    private final EvaluationCases cases;
    private final List<NamedAdapter> adapters;
    private final Sampling sampling;
    private final List<Rubric> guidelines;
    private final EvaluationPlan plan;

    /**
     * How cases are answered.
     *
     * @param evaluator samples, temperature, seed
     * @param maxTokens longest completion
     * @param routed whether adapters named ROW/SPECIALTY answer their own specialty only
     * @param perspectives under each of which they are asked; none is {@link Perspective#NONE}
     */
    public record Sampling(Evaluator.Sampling evaluator, int maxTokens, boolean routed, List<String> perspectives) {}

    /**
     * Plans it.
     *
     * @param config of model, prompts and compute threads
     * @param base directory that files named in the configuration are relative to
     * @param guidelines that right answers are scored by; none need be
     * @throws UsageException when adapters and specialties do not go together, or nothing is asked under a guideline's perspective
     */
    public EvaluationRun(
            ConsiliumConfig config,
            Path base,
            EvaluationCases cases,
            List<NamedAdapter> adapters,
            Sampling sampling,
            List<Rubric> guidelines) {
        this.config = config;
        this.base = base;
        this.cases = cases;
        this.adapters = adapters;
        this.sampling = sampling;
        this.guidelines = guidelines;
        requireAsked(guidelines, sampling.perspectives());
        this.plan = EvaluationPlan.of(
                adapters.stream().map(NamedAdapter::name).toList(),
                cases,
                sampling.routed(),
                sampling.perspectives(),
                sampling.evaluator().samples());
    }

    private static void requireAsked(List<Rubric> guidelines, List<String> perspectives) {
        for (Rubric rubric : guidelines) {
            if (rubric.perspective() != null && !perspectives.contains(rubric.perspective())) {
                throw new UsageException("--guideline: " + rubric.name() + " is for answers under the perspective "
                        + rubric.perspective() + ": add --perspective " + rubric.perspective());
            }
        }
    }

    /**
     * Runs it, and writes settings.json, predictions.jsonl and results.json.
     *
     * @param out is made when absent
     * @param model the base
     * @param progress null shows nothing
     * @throws UsageException when the directory is in use, holds something else or another evaluation
     * @throws ai.consilium.policy.ModelException for an image that cannot be used, before anything is sampled
     */
    @SuppressWarnings("try") // held, not used: nobody else may append meanwhile
    public EvaluationResults run(Path out, ModelDirectory model, @Nullable ProgressLine progress)
            throws IOException, InterruptedException {
        requireEvaluation(out);
        PromptLayout layout = new PreflightChecks(config).prompts(model, base);
        requireKnown(layout);
        try (DirectoryLock held = DirectoryLock.tryClaim(out, LOCK)
                .orElseThrow(() -> new UsageException("--out: " + out + " is in use by another process"))) {
            if (!EvaluationSettings.keptIn(out)) {
                // Later starts have the same images, or are refused.
                requireReadable(model, layout);
            }
            EvaluationSettings settings = settings(model, layout.hash());
            settings.keep(out);
            PredictionFile predictions = PredictionFile.open(
                    out.resolve("predictions.jsonl"),
                    plan.batches(),
                    sampling.evaluator().samples());
            List<Batch> missing = predictions.missing(plan.batches());
            if (!missing.isEmpty()) {
                answer(missing, predictions, progress);
            }
            EvaluationResults results = sum(settings, new EvaluationSums(plan, cases, predictions), out);
            AtomicFile.write(out.resolve("results.json"), ReportJson.write(results) + "\n");
            return results;
        }
    }

    private EvaluationResults sum(EvaluationSettings settings, EvaluationSums sums, Path out) throws IOException {
        Adherence adherence = null;
        if (!guidelines.isEmpty()) {
            Map<String, Adherence.Scores> scores = sums.adherence(guidelines, config.answer());
            AtomicFile.write(out.resolve(ADHERENCE), ReportJson.write(scores) + "\n");
            Map<String, SortedMap<Long, Adherence.Scores>> policies = new LinkedHashMap<>();
            scores.forEach((policy, own) -> policies.put(policy, new TreeMap<>(Map.of(0L, own))));
            adherence = Adherence.of(guidelines.stream().map(Rubric::name).toList(), policies);
        }
        return EvaluationResults.of(settings.values(), config.answer(), cases.simulated(), sums.tallies(), adherence);
    }

    private void requireKnown(PromptLayout layout) {
        for (String perspective : sampling.perspectives()) {
            if (!layout.perspectives().contains(perspective)) {
                throw new UsageException("--perspective: " + perspective + " is unknown to the prompt layout "
                        + layout.name() + ", which has " + String.join(", ", layout.perspectives()));
            }
        }
    }

    private static void requireEvaluation(Path out) throws IOException {
        if (Files.isDirectory(out) && !EvaluationSettings.keptIn(out)) {
            try (Stream<Path> inside = Files.list(out)) {
                if (inside.anyMatch(entry -> !entry.endsWith(LOCK))) {
                    throw new UsageException(
                            "--out: " + out + " contains files that do not belong to an evaluation; choose another");
                }
            }
        } else if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new UsageException("--out: " + out + " is a file");
        }
    }

    /** Every case can be encoded: each is in one batch of the first row. */
    private void requireReadable(ModelDirectory model, PromptLayout layout) throws InterruptedException {
        PromptEncoder encoder = new PromptEncoder(
                model, layout, cases.library(), config.images().settings());
        EvaluationPlan.Row first = plan.rows().get(0);
        List<Batch> once = plan.batches().stream()
                .filter(batch -> batch.perspective().equals(first.perspective())
                        && first.adapters().containsValue(batch.adapter()))
                .toList();
        sideBySide(
                once,
                batch -> batch.cases().forEach(asked -> encoder.encode(batch.file(), asked, batch.perspective())));
    }

    private EvaluationSettings settings(ModelDirectory model, String layoutHash) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("model", model.hash());
        values.put("end tokens", model.stopTokens().ids().toString());
        values.put("revision of extraction", EXTRACTION);
        values.put("prompts", layoutHash);
        adapters.forEach(adapter -> values.put("adapter " + adapter.name(), adapter.hash()));
        cases.files().forEach((name, file) -> {
            values.put("case file " + name, file.sha256());
            values.put("images of " + name, file.imagesSha256());
        });
        if (!sampling.perspectives().equals(List.of(Perspective.NONE))) {
            values.put("perspective", String.join(", ", sampling.perspectives()));
        }
        values.put("routing", Boolean.toString(sampling.routed()));
        values.put("number of samples", Integer.toString(sampling.evaluator().samples()));
        values.put("temperature", Double.toString(sampling.evaluator().temperature()));
        values.put("seed", Long.toString(sampling.evaluator().seed()));
        values.put("limit of tokens", Integer.toString(sampling.maxTokens()));
        values.put("compute.dtype", config.compute().dtype());
        return new EvaluationSettings(values);
    }

    private void answer(List<Batch> missing, PredictionFile predictions, @Nullable ProgressLine line)
            throws InterruptedException {
        try (ModelRuntime runtime =
                ModelRuntime.load(config, cases.library(), base, Set.of(RoleMemory.Work.EVALUATION))) {
            EvaluationProgress progress =
                    new EvaluationProgress(line, count(plan.batches()), count(plan.batches()) - count(missing));
            Evaluator evaluator = runtime.evaluator(sampling.maxTokens(), config.answer());
            try {
                sideBySide(missing, batch -> {
                    List<Prediction> answers = answer(evaluator, batch);
                    predictions.append(answers);
                    progress.answered(batch.cases().size(), answers);
                });
            } finally {
                progress.end();
            }
        }
    }

    private interface Work {
        void on(Batch batch) throws IOException, InterruptedException;
    }

    /** As many at once as there are compute threads. When this returns, or throws, nothing of it runs any more. */
    private void sideBySide(List<Batch> batches, Work work) throws InterruptedException {
        List<Callable<Batch>> pieces = new ArrayList<>();
        for (Batch batch : batches) {
            pieces.add(() -> {
                work.on(batch);
                return batch;
            });
        }
        try {
            Concurrently.run(config.compute().resolved(), pieces);
        } catch (ExecutionException e) {
            // What a person can mend, such as a broken image, is told as it is.
            if (e.getCause() instanceof RuntimeException own) {
                throw own;
            }
            throw new IllegalStateException("the evaluation failed: " + e.getCause(), e);
        }
    }

    private List<Prediction> answer(Evaluator evaluator, Batch batch) throws InterruptedException {
        NamedAdapter asked = adapters.stream()
                .filter(adapter -> adapter.name().equals(batch.adapter()))
                .findFirst()
                .orElseThrow();
        List<Prediction> predictions = new ArrayList<>();
        for (List<Evaluator.Answer> answers : evaluator.sample(
                asked.adapter(), batch.perspective(), batch.file(), batch.cases(), sampling.evaluator())) {
            for (int sample = 0; sample < answers.size(); sample++) {
                Evaluator.Answer answer = answers.get(sample);
                Prediction.Key key = new Prediction.Key(
                        batch.adapter(),
                        batch.perspective(),
                        batch.file(),
                        answer.asked().id(),
                        sample);
                predictions.add(Prediction.of(key, answer, evaluator));
            }
        }
        return predictions;
    }

    private static int count(List<Batch> batches) {
        return batches.stream().mapToInt(batch -> batch.cases().size()).sum();
    }
}
