package ai.consilium.evaluation;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.Sampler.Completion;
import ai.consilium.policy.sampling.Sampler.Group;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Greedy decoding, strict extraction: the headline accuracy of a policy (docs/algorithms.md, Evaluation). */
public final class Evaluator {
    private static final int CASES_PER_BATCH = 64;

    private final Sampler sampler;
    private final PromptEncoder encoder;
    private final Sampler.Settings greedy;

    /**
     * Per case, in the order given: whether the answer was right.
     *
     * @param id case
     * @param correct right
     */
    public record Verdict(String id, boolean correct) {}

    /**
     * Over a model.
     *
     * @param maxTokens longest completion
     * @throws IllegalArgumentException when the encoder is another model's: its tokens would mean nothing
     */
    public Evaluator(PolicyModel model, Sampler sampler, PromptEncoder encoder, int maxTokens) {
        if (!model.directory().path().equals(encoder.model().path())) {
            throw new IllegalArgumentException(
                    "the encoder is of " + encoder.model().path() + ", the model of "
                            + model.directory().path());
        }
        this.sampler = sampler;
        this.encoder = encoder;
        this.greedy = new Sampler.Settings(0, maxTokens);
    }

    /**
     * What was asked and answered.
     *
     * @param asked case
     * @param prompt its tokens
     * @param completion greedy, end-of-text included
     */
    public record Answer(Case asked, PromptEncoder.Encoded prompt, int[] completion) {}

    /**
     * Judges the answers to cases of one file.
     *
     * @param adapter null evaluates the base
     */
    public List<Verdict> evaluate(@Nullable Adapter adapter, String file, List<Case> cases)
            throws InterruptedException {
        return answers(adapter, file, cases).stream().map(this::judge).toList();
    }

    private Verdict judge(Answer answer) {
        String text = encoder.text(answer.completion());
        return new Verdict(answer.asked().id(), Grading.correct(answer.asked(), text, Grading.Mode.STRICT));
    }

    /**
     * Answers cases of one file without a perspective's instruction.
     *
     * @param adapter null asks the base
     */
    public List<Answer> answers(@Nullable Adapter adapter, String file, List<Case> cases) throws InterruptedException {
        List<Answer> all = new ArrayList<>(cases.size());
        for (int from = 0; from < cases.size(); from += CASES_PER_BATCH) {
            List<Case> batch = cases.subList(from, Math.min(from + CASES_PER_BATCH, cases.size()));
            List<PromptEncoder.Encoded> prompts = batch.stream()
                    .map(one -> encoder.encode(file, one, Perspective.NONE))
                    .toList();
            List<Group> groups = prompts.stream()
                    .map(prompt -> new Group(prompt.prefix(), List.of(prompt.instruction()), 0))
                    .toList();
            List<List<Completion>> completions = sampler.sample(adapter, groups, greedy, Urgency.EVALUATE);
            for (int i = 0; i < batch.size(); i++) {
                int[] tokens = completions.get(i).get(0).tokens();
                all.add(new Answer(batch.get(i), prompts.get(i), tokens));
            }
        }
        return List.copyOf(all);
    }
}
