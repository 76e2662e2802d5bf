package ai.consilium.cli;

import ai.consilium.cases.CaseLibrary;
import ai.consilium.inference.Evaluator;
import ai.consilium.inference.PromptEncoder;
import ai.consilium.policy.Compute;
import ai.consilium.policy.ModelDirectory;
import ai.consilium.policy.PolicyModel;
import ai.consilium.policy.Sampler;
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
    static Tensors load(Path modelDirectory, int threads, CaseLibrary cases, long imagePixels) {
        ModelDirectory directory = ModelDirectory.open(modelDirectory);
        Compute compute = new Compute(threads);
        PolicyModel model = PolicyModel.load(directory, compute);
        return new Tensors(compute, model, new Sampler(model, compute), new PromptEncoder(directory, cases, imagePixels));
    }

    /** Greedy evaluation over this model. */
    Evaluator evaluator(int maxTokens) {
        return new Evaluator(model, sampler, encoder, maxTokens);
    }

    @Override
    public void close() {
        sampler.close();
        model.close();
        compute.close();
    }
}
