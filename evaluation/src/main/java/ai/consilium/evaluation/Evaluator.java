package ai.consilium.evaluation;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute.Urgency;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.Sampler.Completion;
import ai.consilium.policy.sampling.Sampler.Group;
import ai.consilium.random.RandomStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts cases before a policy; greedy for its headline accuracy (docs/algorithms.md, Evaluation). */
public final class Evaluator {
    private static final int SAMPLES_PER_BATCH = 64;

    private final Sampler sampler;
    private final PromptEncoder encoder;
    private final int maxTokens;
    private final Grading.Mode reading;
    private final EndTokens ends;

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
     * @param reading how answers are found for verdicts
     * @throws IllegalArgumentException when the encoder is another model's: its tokens would mean nothing
     */
    public Evaluator(PolicyModel model, Sampler sampler, PromptEncoder encoder, int maxTokens, Grading.Mode reading) {
        if (!model.directory().path().equals(encoder.model().path())) {
            throw new IllegalArgumentException(
                    "the encoder is of " + encoder.model().path() + ", the model of "
                            + model.directory().path());
        }
        this.sampler = sampler;
        this.encoder = encoder;
        this.maxTokens = maxTokens;
        this.reading = reading;
        this.ends = new EndTokens(encoder.endTokens());
    }

    /**
     * How cases are answered.
     *
     * @param samples of each case
     * @param temperature 0 decodes greedily
     * @param seed of the noise; each case has its own, which is the same for all adapters
     */
    public record Sampling(int samples, double temperature, long seed) {
        static final Sampling GREEDY = new Sampling(1, 0, 0);
    }

    /**
     * What was asked and answered.
     *
     * @param asked case
     * @param prompt its tokens
     * @param completion end-of-text included
     * @param truncated cut at the limit
     */
    public record Answer(Case asked, PromptEncoder.Encoded prompt, int[] completion, boolean truncated) {}

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
        return new Verdict(
                answer.asked().id(),
                letter(answer, reading).map(answer.asked().label()::equals).orElse(false));
    }

    /** Letter of the option that a completion answers with. */
    public Optional<String> letter(Answer answer, Grading.Mode mode) {
        return Grading.answer(answer.asked(), ends.without(text(answer)), mode);
    }

    /** A completion's text. */
    public String text(Answer answer) {
        return encoder.text(answer.completion());
    }

    /**
     * Answers cases of one file greedily, without a perspective's instruction.
     *
     * @param adapter null asks the base
     */
    public List<Answer> answers(@Nullable Adapter adapter, String file, List<Case> cases) throws InterruptedException {
        List<Answer> all = new ArrayList<>(cases.size());
        for (List<Case> batch : batches(cases, 1)) {
            sample(adapter, Perspective.NONE, file, batch, Sampling.GREEDY).forEach(answers -> all.add(answers.get(0)));
        }
        return List.copyOf(all);
    }

    /** Cases in their order, as many together as are sampled in one batch; at least one. */
    public static List<List<Case>> batches(List<Case> cases, int samples) {
        int size = Math.max(1, SAMPLES_PER_BATCH / samples);
        List<List<Case>> batches = new ArrayList<>();
        for (int from = 0; from < cases.size(); from += size) {
            batches.add(cases.subList(from, Math.min(from + size, cases.size())));
        }
        return batches;
    }

    /**
     * Samples answers to cases of one file, as one batch.
     *
     * @param adapter null asks the base
     * @param perspective whose instruction is given; {@link Perspective#NONE} gives none
     * @return answers by case, then sample
     * @throws ai.consilium.cases.format.CaseException for a perspective that the prompt layout does not know
     */
    public List<List<Answer>> sample(
            @Nullable Adapter adapter, String perspective, String file, List<Case> batch, Sampling sampling)
            throws InterruptedException {
        List<PromptEncoder.Encoded> prompts = batch.stream()
                .map(one -> encoder.encode(file, one, perspective))
                .toList();
        List<Group> groups = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            groups.add(new Group(
                    prompts.get(i).prefix(),
                    Collections.nCopies(sampling.samples(), prompts.get(i).instruction()),
                    RandomStreams.seed(
                            sampling.seed(), "evaluation/" + batch.get(i).id())));
        }
        Sampler.Settings settings = new Sampler.Settings(sampling.temperature(), maxTokens);
        List<List<Completion>> completions = sampler.sample(adapter, groups, settings, Urgency.EVALUATE);
        List<List<Answer>> answers = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            Case asked = batch.get(i);
            PromptEncoder.Encoded prompt = prompts.get(i);
            answers.add(completions.get(i).stream()
                    .map(completion -> new Answer(asked, prompt, completion.tokens(), completion.truncated()))
                    .toList());
        }
        return answers;
    }
}
