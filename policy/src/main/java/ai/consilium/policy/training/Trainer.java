package ai.consilium.policy.training;

import ai.consilium.policy.NonFiniteGradientException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.Gradient;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.compute.Interrupts;
import ai.consilium.policy.compute.SignsOfLife;
import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Trains one adapter over the shared base: supervised steps and policy-gradient steps with AdamW. All of its state
 * (adapter, moments, step) can be taken out and put back bit for bit. The parts of a batch are shared out over the compute threads,
 * and added up in order: the bits are those of one thread. One caller at a time.
 */
public final class Trainer implements AutoCloseable {
    private final PolicyModel model;
    private final Compute compute;
    private final Optimiser optimiser;
    private final ActivationCheckpointing checkpointing;
    private Runnable progress = () -> {};
    private Adapter shape;
    private Scope scope;
    private ResidentAdapter resident;
    private AdamW adamW;

    /** AdamW (Loshchilov &amp; Hutter, 1711.05101) with global-norm clipping. */
    public record Optimiser(double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {}

    /** One supervised example: prompt, instruction, and the completion that carries the loss. */
    public record Example(EncodedPrompt prompt, int[] instruction, int[] completion) {
        /** As a group of one, whose behaviour and advantage nobody asks for. */
        public Group group() {
            Member member = new Member(instruction, completion, new float[completion.length], 1, false);
            return new Group(prompt, List.of(member), 1);
        }
    }

    /**
     * One member of a group.
     *
     * @param instruction tokens after the common prefix, without loss
     * @param completion sampled tokens
     * @param behaviourLogprobs recorded when sampled
     * @param advantage of the whole completion
     * @param truncated leaves the loss
     * @param onPolicy known to be sampled, from its first token to its last, by the version that is trained: what its
     *     log-probabilities differ by is arithmetic alone
     */
    public record Member(
            int[] instruction,
            int[] completion,
            float[] behaviourLogprobs,
            double advantage,
            boolean truncated,
            boolean onPolicy) {
        /** Of which nobody knows what sampled it. */
        public Member(
                int[] instruction, int[] completion, float[] behaviourLogprobs, double advantage, boolean truncated) {
            this(instruction, completion, behaviourLogprobs, advantage, truncated, false);
        }

        /** The same, in the loss or not. */
        public Member leavingTheLoss(boolean leaves) {
            return new Member(instruction, completion, behaviourLogprobs, advantage, leaves, onPolicy);
        }

        /** Checks that every token has its log-probability. */
        public Member {
            if (completion.length != behaviourLogprobs.length) {
                throw new IllegalArgumentException("a completion of " + completion.length + " tokens has "
                        + behaviourLogprobs.length + " log-probabilities");
            }
        }
    }

    /**
     * A group over one common prefix.
     *
     * @param temperature that the log-probabilities were recorded at; 0 means greedily, and so untempered
     */
    public record Group(EncodedPrompt prompt, List<Member> members, double temperature) {}

    /** Moments and step beside the adapter: with it, everything that the next step depends on. */
    public record State(Adapter adapter, Map<String, HostTensor> moments, long step) {}

    /** Starts from an adapter with zero moments. */
    public Trainer(PolicyModel model, Compute compute, Adapter initial, Optimiser optimiser) {
        this(model, compute, initial, optimiser, ActivationCheckpointing.DEFAULT);
    }

    /** Starts from an adapter with zero moments, in the memory that is given. */
    public Trainer(
            PolicyModel model,
            Compute compute,
            Adapter initial,
            Optimiser optimiser,
            ActivationCheckpointing checkpointing) {
        this.model = model;
        this.compute = compute;
        this.optimiser = optimiser;
        this.checkpointing = checkpointing;
        this.shape = initial;
        this.scope = Scope.open();
        this.resident = ResidentAdapter.load(initial, model.config(), scope);
        List<Tensor> leaves = leaves();
        this.adamW =
                new AdamW(model.script(), optimiser, leaves, AdamW.zeros(leaves, scope), AdamW.zeros(leaves, scope), 0);
    }

    private List<Tensor> leaves() {
        List<Tensor> leaves = resident.leaves();
        leaves.forEach(Tensor::requireGradient);
        return leaves;
    }

    /** One supervised step (docs/algorithms.md, Supervised start). @return figures: loss, grad_norm, tokens */
    public Map<String, Double> superviseStep(List<Example> batch, double learningRate) throws InterruptedException {
        List<Group> groups = batch.stream().map(Example::group).toList();
        double tokens = LossBatch.tokens(groups);
        try (Scope step = Scope.open()) {
            GradientAccumulator.Result result = gradients().supervised(groups, Math.max(1, tokens), step);
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("loss", result.loss());
            figures.put("grad_norm", update(result.gradients(), learningRate));
            figures.put("tokens", tokens);
            return figures;
        }
    }

    /**
     * One policy-gradient step (docs/algorithms.md, Policy loss): so many optimiser updates on the same batch. What the
     * first one's own forward pass says is the proximal policy. Without a token that carries loss nothing changes.
     *
     * @param reference of the penalty that the loss may ask for: base and supervised start; none is needed without one
     * @return figures by the names of verl and TRL: pg_loss, kl, entropy, clip_ratio/low_mean, clip_ratio/high_mean,
     *     ppo_kl, grad_norm, tokens, max_dlogp, under rollout_corr how far the policy is from the one that sampled, and
     *     under on_policy how far over the members that are
     * @throws NonFiniteGradientException when an update's gradient is not finite; nothing has changed
     */
    public Map<String, Double> policyStep(
            List<Group> batch, PolicyLoss loss, Optional<Adapter> reference, int updates, double learningRate)
            throws InterruptedException {
        return policyStep(batch, loss, reference, updates, learningRate, PartExchange.NOBODY);
    }

    /**
     * The same, of which others may compute parts ({@link PolicyParts}); to the bit.
     *
     * @param others of a step with one update: what follows on the first they do not know
     */
    public Map<String, Double> policyStep(
            List<Group> batch,
            PolicyLoss loss,
            Optional<Adapter> reference,
            int updates,
            double learningRate,
            PartExchange others)
            throws InterruptedException {
        if (loss.klCoef() > 0 && reference.isEmpty()) {
            throw new IllegalArgumentException("a penalty on the distance to a reference needs the reference");
        }
        // The first update changes nothing where it fails; a later one has those before it to undo.
        Optional<State> before = updates > 1 ? Optional.of(state()) : Optional.empty();
        try {
            return updated(batch, loss, reference, updates, learningRate, others);
        } catch (NonFiniteGradientException e) {
            before.ifPresent(this::restore);
            throw e;
        }
    }

    private Map<String, Double> updated(
            List<Group> batch,
            PolicyLoss loss,
            Optional<Adapter> reference,
            int updates,
            double learningRate,
            PartExchange others)
            throws InterruptedException {
        try (Scope fixed = Scope.open()) {
            PolicyObjective objective = new PolicyObjective(
                    model.script(),
                    loss,
                    LossBatch.totals(batch),
                    loss.klCoef() > 0 ? gradients(resident(reference.orElseThrow(), fixed)) : null);
            double norms = 0;
            for (int i = 0; i < updates; i++) {
                try (Scope step = Scope.open()) {
                    GradientAccumulator.Result result =
                            gradients().run(batch, objective, updates == 1 ? others : PartExchange.NOBODY, step);
                    boolean signal = objective.sums().keptTokens() > 0;
                    norms += update(signal ? result.gradients() : List.of(), learningRate);
                }
            }
            Map<String, Double> figures = objective.sums().figures(updates);
            figures.put("grad_norm", norms / updates);
            return figures;
        }
    }

    /**
     * One step of on-policy distillation (docs/algorithms.md, Consolidation): the mean over the tokens of the divergence from each
     * group's teacher. Without a token that carries loss nothing changes.
     *
     * @return figures: loss, distill/kl and distill/agreement (share of the tokens where both think the same one most likely),
     *     entropy, grad_norm, tokens, max_dlogp, and under on_policy as {@link #policyStep}
     * @throws NonFiniteGradientException when the gradient is not finite; nothing has changed
     */
    public Map<String, Double> distillStep(
            List<Distillation.Lesson> batch, Teachers teachers, Distillation distillation, double learningRate)
            throws InterruptedException {
        return distillStep(batch, teachers, distillation, Optional.empty(), learningRate);
    }

    /**
     * The same, with the policy gradient of the groups' own advantages mixed in: one update by the weighted sum of both gradients.
     *
     * @return figures of both, those of the policy gradient where both have one
     */
    public Map<String, Double> distillStep(
            List<Distillation.Lesson> batch,
            Teachers teachers,
            Distillation distillation,
            Optional<Distillation.Reward> reward,
            double learningRate)
            throws InterruptedException {
        double tokens =
                LossBatch.tokens(batch.stream().map(Distillation.Lesson::group).toList());
        DistillationObjective objective = new DistillationObjective(model.script(), distillation, Math.max(1, tokens));
        try (Scope step = Scope.open()) {
            GradientAccumulator.Result result = gradients().distilled(batch, teachers, objective, step);
            Map<String, Double> figures = objective.figures();
            if (reward.isPresent()) {
                result = mixed(result, reward.get(), figures, step);
            }
            figures.put("loss", result.loss());
            figures.put("grad_norm", update(result.gradients(), learningRate));
            return figures;
        }
    }

    /** @param figures get those of the policy gradient */
    private GradientAccumulator.Result mixed(
            GradientAccumulator.Result taught, Distillation.Reward reward, Map<String, Double> figures, Scope step)
            throws InterruptedException {
        PolicyObjective objective =
                new PolicyObjective(model.script(), reward.loss(), LossBatch.totals(reward.groups()), null);
        GradientAccumulator.Result rewarded = gradients().run(reward.groups(), objective, step);
        if (objective.sums().keptTokens() == 0) {
            return onThread(() -> taught.scaled(reward.distillation(), model.script(), step));
        }
        figures.putAll(objective.sums().figures(1));
        return onThread(() -> taught.mixed(reward.distillation(), rewarded, reward.reward(), model.script(), step));
    }

    /**
     * What a policy-gradient step's first update would follow, before clipping; nothing changes. The loss asks for no
     * penalty.
     */
    public Gradient gradient(List<Group> batch, PolicyLoss loss) throws InterruptedException {
        if (loss.klCoef() > 0) {
            throw new IllegalArgumentException("the gradient is that of a loss without a penalty");
        }
        PolicyLoss.Totals totals = LossBatch.totals(batch);
        if (totals.tokens() == 0) {
            throw new IllegalArgumentException("no token of the batch carries loss");
        }
        try (Scope step = Scope.open()) {
            PolicyObjective objective = new PolicyObjective(model.script(), loss, totals, null);
            GradientAccumulator.Result result = gradients().run(batch, objective, step);
            return new Gradient(ResidentAdapter.host(resident.names(), result.gradients()));
        }
    }

    /** Log-probabilities of the completions' tokens, one after the other, by the policy as it is now. */
    public float[] logprobs(List<Group> batch) throws InterruptedException {
        List<float[]> parts = gradients().logprobs(batch);
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private ResidentAdapter resident(Adapter adapter, Scope into) {
        return ResidentAdapter.load(adapter, model.config(), into);
    }

    /**
     * Tells of every part of a step that is done, and of every layer where a part goes layer by layer, from a compute thread; in
     * between, from the caller's, as long as {@link SignsOfLife} sees work.
     */
    public void onProgress(Runnable listener) {
        progress = listener;
    }

    private GradientAccumulator gradients() {
        return gradients(resident);
    }

    private GradientAccumulator gradients(ResidentAdapter of) {
        return GradientAccumulator.of(model, of, checkpointing, this::share);
    }

    private void share(int parts, Compute.Piece work) throws InterruptedException {
        Runnable listener = progress;
        SignsOfLife signs = new SignsOfLife();
        AtomicLong done = new AtomicLong();
        Runnable part = () -> {
            done.incrementAndGet();
            listener.run();
        };
        compute.share(
                Compute.Urgency.TRAIN,
                parts,
                compute.partsAtOnce(),
                number -> Interrupts.heard(part, () -> work.run(number)),
                () -> {
                    if (signs.seen(done.get(), compute.effort())) {
                        listener.run();
                    }
                });
    }

    /** @return the gradient's norm */
    private double update(List<Tensor> gradients, double learningRate) throws InterruptedException {
        return onThread(() -> adamW.step(gradients, learningRate));
    }

    private <T> T onThread(Callable<T> work) throws InterruptedException {
        return compute.call(Compute.Urgency.TRAIN, work);
    }

    /** The adapter as it is now. */
    public Adapter adapter() {
        return new Adapter(shape.rank(), shape.alpha(), shape.targets(), resident.host());
    }

    /** Everything, for a checkpoint. */
    public State state() {
        return new State(adapter(), adamW.moments(resident.names()), adamW.steps());
    }

    /** Puts a checkpoint back. @throws ModelException naming a moment that is missing or of a wrong shape */
    public void restore(State state) {
        Scope restored = Scope.open();
        try {
            ResidentAdapter loaded = ResidentAdapter.load(state.adapter(), model.config(), restored);
            List<Tensor> leaves = loaded.leaves();
            AdamW continued = AdamW.restored(model.script(), optimiser, loaded, state, restored);
            leaves.forEach(Tensor::requireGradient);
            scope.close();
            scope = restored;
            shape = state.adapter();
            resident = loaded;
            adamW = continued;
        } catch (RuntimeException e) {
            restored.close();
            throw e;
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
