package ai.consilium.cli.eval;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.evaluation.Evaluator;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.random.RandomStreams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * One question put to a policy.
 *
 * @param config of model, prompts and the way answers are read
 * @param base directory that files named in the configuration are relative to
 * @param maxTokens longest completion
 */
public record Asking(ConsiliumConfig config, Path base, Evaluator.Sampling sampling, int maxTokens) {
    /**
     * Asks.
     *
     * @param asked the question; its label counts only where it is known
     * @param images in the order of the case's
     * @throws ai.consilium.cases.format.CaseException for a perspective that the prompt layout does not know
     * @throws ai.consilium.policy.ModelException for an image that cannot be used
     */
    public Answered put(NamedAdapter policy, String perspective, Case asked, List<Path> images, boolean known)
            throws InterruptedException {
        try (ModelRuntime runtime =
                ModelRuntime.load(config, new CaseLibrary(Path.of("")), base, Set.of(Work.EVALUATION))) {
            PromptEncoder encoder = runtime.encoder();
            PromptLayout layout = encoder.layout();
            PromptEncoder.Encoded prompt = encoder.encode(
                            "the question", List.of(layout.prompt(asked, perspective)), images)
                    .get(0);
            Sampler.Group group = new Sampler.Group(
                    prompt.prefix(),
                    Collections.nCopies(sampling.samples(), prompt.instruction()),
                    RandomStreams.seed(sampling.seed(), "ask"));
            List<Sampler.Completion> completions = runtime.sampler()
                    .sample(
                            policy.adapter(),
                            List.of(group),
                            new Sampler.Settings(sampling.temperature(), maxTokens),
                            Compute.Urgency.EVALUATE)
                    .get(0);
            EndTokens ends = new EndTokens(encoder.endTokens());
            List<Answered.Said> said = new ArrayList<>();
            for (Sampler.Completion completion : completions) {
                String text = ends.without(encoder.text(completion.tokens()));
                String letter = asked.options().isEmpty()
                        ? null
                        : Grading.answer(asked, text, config.answer()).orElse(null);
                said.add(new Answered.Said(text, letter, completion.tokens().length, completion.truncated()));
            }
            return Answered.of(policy.name(), perspective, encoder.shown(prompt), asked, known, said);
        }
    }
}
