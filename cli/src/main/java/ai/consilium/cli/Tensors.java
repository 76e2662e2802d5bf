package ai.consilium.cli;

import ai.consilium.cases.CaseLibrary;
import ai.consilium.inference.Evaluator;
import ai.consilium.inference.PromptEncoder;
import ai.consilium.learner.LearnerInputs;
import ai.consilium.policy.Compute;
import ai.consilium.policy.ModelDirectory;
import ai.consilium.policy.PolicyModel;
import ai.consilium.policy.Precision;
import ai.consilium.policy.Sampler;
import ai.consilium.policy.torch.TorchRuntime;
import java.nio.file.Path;

/**
 * The model side of a process, one copy for all of its roles.
 *
 * @param compute threads
 * @param model base weights
 * @param sampler over them
 * @param encoder of cases for this model
 */
record Tensors(Compute compute, PolicyModel model, Sampler sampler, PromptEncoder encoder) implements AutoCloseable {

    /** Checks the directory, then starts threads and loads. */
    static Tensors load(ConsiliumConfig config, CaseLibrary cases) {
        ModelDirectory directory = ModelDirectory.open(Home.resolve(config.model()));
        TorchRuntime.use(config.compute().device());
        Compute compute =
                new Compute(config.compute().resolved(), config.compute().first());
        PolicyModel model = PolicyModel.load(
                directory, compute, Precision.named(config.compute().dtype()));
        PromptEncoder encoder =
                new PromptEncoder(directory, cases, config.images().maxPixels());
        return new Tensors(compute, model, new Sampler(model, compute), encoder);
    }

    /** Greedy evaluation over this model. */
    Evaluator evaluator(int maxTokens) {
        return new Evaluator(model, sampler, encoder, maxTokens);
    }

    /** What learners work with. */
    LearnerInputs learnerInputs(CaseLibrary cases, Path runDirectory) {
        return new LearnerInputs(
                model, compute, encoder, cases, ConsiliumConfig.TRAIN_FILE, runDirectory.resolve("checkpoints"));
    }

    @Override
    public void close() {
        sampler.close();
        model.close();
        compute.close();
    }
}
