package ai.consilium.cli.eval;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.AtomicFile;
import ai.consilium.cli.eval.EvaluationPlan.Batch;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.report.CaseTally;
import ai.consilium.cli.report.EvaluationResults;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.cli.report.Results;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One evaluation in a directory, begun or resumed: what is missing is sampled, then all of it is summed up. */
public final class EvaluationRun {
    private static final String LOCK = "eval.lock";
    /** Grows when a completion may be taken for another answer than before: predictions hold the answers. */
    private static final String EXTRACTION = "2";

    private final ConsiliumConfig config;
    private final Path base;
    private final EvaluationCases cases;
    private final List<NamedAdapter> adapters;
    private final Sampling sampling;
    private final EvaluationPlan plan;

    /**
     * How cases are answered.
     *
     * @param evaluator samples, temperature, seed
     * @param maxTokens longest completion
     * @param routed whether adapters named ROW/SPECIALTY answer their own specialty only
     */
    public record Sampling(Evaluator.Sampling evaluator, int maxTokens, boolean routed) {}

    /**
     * Plans it.
     *
     * @param config of model, prompts and compute threads
     * @param base directory that files named in the configuration are relative to
     * @throws UsageException when adapters and specialties do not go together
     */
    public EvaluationRun(
            ConsiliumConfig config, Path base, EvaluationCases cases, List<NamedAdapter> adapters, Sampling sampling) {
        this.config = config;
        this.base = base;
        this.cases = cases;
        this.adapters = adapters;
        this.sampling = sampling;
        this.plan = EvaluationPlan.of(
                adapters.stream().map(NamedAdapter::name).toList(),
                cases,
                sampling.routed(),
                sampling.evaluator().samples());
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
        try (DirectoryLock held = DirectoryLock.tryClaim(out, LOCK)
                .orElseThrow(() -> new UsageException("--out: " + out + " is in use by another process"))) {
            PromptLayout layout = new PreflightChecks(config).prompts(model, base);
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
            EvaluationResults results =
                    EvaluationResults.of(settings.values(), config.answer(), cases.simulated(), tallies(predictions));
            AtomicFile.write(out.resolve("results.json"), ReportJson.write(results) + "\n");
            return results;
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
        Collection<String> first = plan.rows().get(0).adapters().values();
        List<Batch> once = plan.batches().stream()
                .filter(batch -> first.contains(batch.adapter()))
                .toList();
        sideBySide(
                once, batch -> batch.cases().forEach(asked -> encoder.encode(batch.file(), asked, Perspective.NONE)));
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
        try (ModelRuntime runtime = ModelRuntime.load(config, cases.library(), base)) {
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
        ExecutorService pool = Executors.newFixedThreadPool(config.compute().resolved());
        try {
            List<Future<?>> pending = new ArrayList<>();
            for (Batch batch : batches) {
                pending.add(pool.submit(() -> {
                    work.on(batch);
                    return batch;
                }));
            }
            for (Future<?> batch : pending) {
                batch.get();
            }
        } catch (ExecutionException e) {
            // What a person can mend, such as a broken image, is told as it is.
            if (e.getCause() instanceof RuntimeException own) {
                throw own;
            }
            throw new IllegalStateException("the evaluation failed: " + e.getCause(), e);
        } finally {
            pool.shutdownNow();
            pool.awaitTermination(1, TimeUnit.HOURS);
        }
    }

    private List<Prediction> answer(Evaluator evaluator, Batch batch) throws InterruptedException {
        NamedAdapter asked = adapters.stream()
                .filter(adapter -> adapter.name().equals(batch.adapter()))
                .findFirst()
                .orElseThrow();
        List<Prediction> predictions = new ArrayList<>();
        for (List<Evaluator.Answer> answers :
                evaluator.sample(asked.adapter(), batch.file(), batch.cases(), sampling.evaluator())) {
            for (int sample = 0; sample < answers.size(); sample++) {
                Evaluator.Answer answer = answers.get(sample);
                Prediction.Key key = new Prediction.Key(
                        batch.adapter(), batch.file(), answer.asked().id(), sample);
                predictions.add(Prediction.of(key, answer, evaluator));
            }
        }
        return predictions;
    }

    private static int count(List<Batch> batches) {
        return batches.stream().mapToInt(batch -> batch.cases().size()).sum();
    }

    /** By row, then specialty: one a case. */
    private Map<String, Map<String, List<CaseTally>>> tallies(PredictionFile predictions) {
        Map<String, Map<String, List<CaseTally>>> rows = new LinkedHashMap<>();
        for (EvaluationPlan.Row row : plan.rows()) {
            Map<String, List<CaseTally>> bySpecialty = new LinkedHashMap<>();
            row.adapters().forEach((specialty, adapter) -> {
                List<CaseTally> tallies = new ArrayList<>();
                for (Map.Entry<String, CaseFile> file : cases.files().entrySet()) {
                    for (Case asked : Results.ofSpecialty(file.getValue().cases(), specialty)) {
                        tallies.add(tally(predictions.of(adapter, file.getKey(), asked)));
                    }
                }
                bySpecialty.put(specialty, tallies);
            });
            rows.put(row.name(), bySpecialty);
        }
        return rows;
    }

    private static CaseTally tally(List<Prediction> samples) {
        return new CaseTally(
                samples.size(),
                count(samples, Grading.Mode.STRICT),
                count(samples, Grading.Mode.LENIENT),
                count(samples, Grading.Mode.COMPAT),
                number(samples, Prediction::truncated),
                samples.stream().mapToLong(Prediction::tokens).sum());
    }

    private static CaseTally.Count count(List<Prediction> samples, Grading.Mode mode) {
        return new CaseTally.Count(
                number(samples, sample -> sample.label().equals(sample.letter(mode))),
                number(samples, sample -> sample.letter(mode) == null));
    }

    private static int number(List<Prediction> samples, Predicate<Prediction> which) {
        return (int) samples.stream().filter(which).count();
    }
}
