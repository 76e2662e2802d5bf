package ai.consilium.cli.run;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.memory.Device;
import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.cli.memory.RunMemory;
import ai.consilium.evaluation.BatchedEvaluation;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.learner.checkpoint.CheckpointPlace;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.SamplingEngine;
import ai.consilium.policy.torch.TorchRuntime;
import ai.consilium.policy.training.CompletionScorer;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.rollout.engine.LocalInferenceEngine;
import ai.consilium.rollout.engine.vllm.VllmEngine;
import ai.consilium.rollout.worker.RolloutConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Set;

/**
 * The model side of a process, one copy for all of its roles.
 *
 * @param compute threads
 * @param model base weights
 * @param weights with adapters, to sample with
 * @param sampler over them
 * @param encoder of cases for this model
 */
public record ModelRuntime(
        Compute compute, PolicyModel model, AdaptedWeights weights, Sampler sampler, PromptEncoder encoder)
        implements AutoCloseable {

    /**
     * Checks the directory, then starts threads and loads.
     *
     * @param base directory that files named in the configuration are relative to
     * @param works what the process does with it, by which memory is shared out
     */
    public static ModelRuntime load(ConsiliumConfig config, CaseLibrary cases, Path base, Set<Work> works) {
        PreflightChecks checks = new PreflightChecks(config);
        ModelDirectory directory = checks.modelDirectory();
        PromptLayout layout = checks.prompts(directory, base);
        TorchRuntime.use(config.compute().device());
        Compute compute =
                new Compute(config.compute().resolved(), config.compute().first());
        PolicyModel model = PolicyModel.load(
                directory,
                compute,
                Precision.named(config.compute().dtype()),
                (long) config.images().featuresMib() << 20);
        AdaptedWeights weights = new AdaptedWeights(
                model,
                new RunMemory(config, directory, Device.of(config), RunMemory.expected(config, directory))
                        .folding(works));
        PromptEncoder encoder =
                new PromptEncoder(directory, layout, cases, config.images().settings());
        return new ModelRuntime(compute, model, weights, new Sampler(model, compute, weights), encoder);
    }

    /**
     * Samples for this process's rollout workers.
     *
     * @param runDirectory where adapters are written for servers
     */
    InferenceEngine inferenceEngine(RolloutConfig config, Path runDirectory, MeterRegistry metrics) {
        if (config.remote()) {
            return new VllmEngine(
                    config.vllm(),
                    new VllmEngine.Parts(
                            encoder,
                            new CompletionScorer(model, compute),
                            model.precision(),
                            runDirectory.resolve("vllm"),
                            metrics,
                            System::getenv));
        }
        return new LocalInferenceEngine(
                encoder,
                model,
                compute,
                new SamplingEngine.Limits(config.maxSamples(), (long) config.kvCacheMib() << 20),
                weights);
    }

    /** Evaluation over this model. */
    public Evaluator evaluator(int maxTokens, Grading.Mode answer) {
        return new Evaluator(model, sampler, encoder, maxTokens, answer);
    }

    /** Evaluation over this model that uses its threads. */
    public BatchedEvaluation batchedEvaluation(int maxTokens, Grading.Mode answer) {
        return new BatchedEvaluation(evaluator(maxTokens, answer), compute.partsAtOnce());
    }

    /** What learners work with. @param checkpoints where theirs are kept */
    public LearnerInputs learnerInputs(ConsiliumConfig config, CaseLibrary cases, CheckpointPlace checkpoints) {
        return new LearnerInputs(
                model, compute, encoder, cases, checkpoints, StartAdapters.read(config, model.directory()));
    }

    @Override
    public void close() {
        sampler.close();
        weights.close();
        model.close();
        compute.close();
    }
}
