package ai.consilium.learner.course;

import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.context.Ground;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.learner.rl.NormalisedBatch;
import ai.consilium.learner.rl.StepMetrics;
import ai.consilium.learner.sft.AdaptationProgress;
import ai.consilium.learner.sft.DomainAdaptation;
import ai.consilium.learner.sft.SharedStart;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.training.PolicyLoss;
import ai.consilium.policy.training.PolicyParts;
import ai.consilium.policy.training.Trainer;
import ai.consilium.random.SplitMix64;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.UpdateKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * One specialty's expert: adapted to reasoning traces, or trained elsewhere, then reinforced by the advantages of its groups.
 *
 * @param context of the specialty's learner
 * @param fingerprint its settings
 * @param round in which it begins as the agent that the round before ended with or that the run was given, or over it
 */
public record ReinforcementCourse(LearnerContext context, Fingerprint fingerprint, TrainingRound round)
        implements Course {
    @Override
    public Ground ground() {
        return folded().map(agent -> context.bases().lend(agent, context.fetch(agent)))
                .orElseGet(() -> Ground.of(context.inputs().model()));
    }

    /** The agent that is folded into the base of this round. */
    private Optional<PolicyUpdate> folded() {
        return round.agent().filter(agent -> context.task().foldAgent());
    }

    @Override
    public String purpose() {
        return Purpose.RL;
    }

    @Override
    public boolean masksTruncated() {
        return context.config().loss().maskTruncated();
    }

    @Override
    public TrainingPlan plan() {
        return context.task().plan();
    }

    @Override
    public long origin() {
        return (long) round.number() * (plan().steps() + 1);
    }

    @Override
    public long given() {
        return origin() - 1;
    }

    @Override
    public UpdateKind kind() {
        return UpdateKind.REINFORCEMENT;
    }

    @Override
    public List<Parent> teachers() {
        return List.of();
    }

    @Override
    public List<Parent> startParents() {
        return round.agent().stream()
                .map(agent -> new Parent(agent.getSpecialty(), agent.getVersion(), agent.getAdapterHash()))
                .toList();
    }

    @Override
    public double rate(long step) {
        return context.config().rl().rate(step, plan().steps(), round.agent().isPresent());
    }

    @Override
    public Optional<Start> start(Publisher publisher, Pulse pulse) throws InterruptedException {
        if (folded().isPresent()) {
            long seed = SplitMix64.seed(context.task().plan().seed(), "round " + round.number());
            return Optional.of(new Start(DomainAdaptation.initial(context.inputs(), context.config(), seed), Map.of()));
        }
        if (round.agent().isPresent()) {
            return Optional.of(new Start(context.fetch(round.agent().get()), Map.of()));
        }
        Optional<Adapter> given = context.inputs().starts().of(context.specialty());
        if (given.isPresent()) {
            context.report()
                    .phase(
                            Phases.DSA,
                            "starting from an adapter of rank %d that was trained elsewhere"
                                    .formatted(given.get().rank()));
            return Optional.of(new Start(given.get(), Map.of()));
        }
        Optional<Adapter> shared = new SharedStart(context, fingerprint, publisher).take(pulse);
        return shared.isEmpty() ? Optional.empty() : adapt(shared.get(), pulse);
    }

    private Optional<Start> adapt(Adapter initial, Pulse pulse) throws InterruptedException {
        if (context.config().dsa().steps() == 0) {
            context.report().phase(Phases.DSA, "starting without an adaptation of its own");
            return Optional.of(new Start(initial, Map.of()));
        }
        try (DomainAdaptation adaptation = DomainAdaptation.of(
                context.inputs(),
                context.specialty(),
                context.config(),
                context.task().plan().seed(),
                initial)) {
            int steps = context.config().dsa().steps();
            context.report()
                    .phase(Phases.DSA, "adapting to %d traces in %d steps".formatted(adaptation.traces(), steps));
            AdaptationProgress progress = new AdaptationProgress(steps, context.report(), pulse);
            return adaptation.run(steps, progress).map(adapted -> new Start(adapted, progress.figures()));
        }
    }

    @Override
    public Steps steps(Supplier<Adapter> origin) {
        LearnerConfig config = context.config();
        Optional<Adapter> reference = reference(origin);
        return new Steps() {
            @Override
            public SortedMap<String, Double> take(
                    Trainer trainer, List<Usable> groups, long version, double rate, PartExchange others)
                    throws InterruptedException {
                NormalisedBatch normalised = NormalisedBatch.of(groups);
                Map<String, Double> trained = trainer.policyStep(
                        batch(normalised), objective(), reference, config.rl().numIterations(), rate, others);
                SortedMap<String, Double> figures = StepMetrics.ofScored(normalised.groups(), trained);
                figures.putAll(normalised.figures());
                return figures;
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
    }

    private static List<Trainer.Group> batch(NormalisedBatch normalised) {
        return normalised.groups().stream().map(Usable::group).toList();
    }

    private PolicyLoss objective() {
        return context.config().loss().objective(context.task().maxCompletionTokens());
    }

    /**
     * The parts of a step, for a learner that helps the one who takes it.
     *
     * @param model that its adapter lies over
     * @param before adapter that the step changes
     * @param origin the adapter of the first version, asked only if it is needed
     */
    public PolicyParts parts(PolicyModel model, Adapter before, List<Usable> groups, Supplier<Adapter> origin) {
        return new PolicyParts(
                model,
                context.inputs().compute(),
                before,
                context.config().activations().settings(),
                batch(NormalisedBatch.of(groups)),
                objective(),
                reference(origin));
    }

    private Optional<Adapter> reference(Supplier<Adapter> origin) {
        return context.config().loss().klCoef() == 0 ? Optional.empty() : Optional.of(origin.get());
    }
}
