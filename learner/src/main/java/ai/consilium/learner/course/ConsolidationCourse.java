package ai.consilium.learner.course;

import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.config.LearningRate;
import ai.consilium.learner.context.Ground;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.learner.rl.NormalisedBatch;
import ai.consilium.learner.rl.StepMetrics;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.training.Distillation;
import ai.consilium.policy.training.Distillation.Divergence;
import ai.consilium.policy.training.Distillation.Lesson;
import ai.consilium.policy.training.Distillation.Reward;
import ai.consilium.policy.training.Teachers;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.UpdateKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * The merged experts made one agent: on what it samples itself, each token's distribution is pulled towards that of the case's
 * expert (docs/algorithms.md, Consolidation). The experts stand over the learner's one copy of the base.
 *
 * @param context of the unified agent's learner
 * @param start the merge of the experts, and the experts
 * @param fingerprint settings, start and teachers
 * @param round that the experts are of
 */
public record ConsolidationCourse(
        LearnerContext context, MergedStart start, Fingerprint fingerprint, TrainingRound round) implements Course {
    private static final int WARMUP_STEPS = 3;

    /** Of the model itself: the agent is one adapter over it, whatever its experts were trained over. */
    @Override
    public Ground ground() {
        return Ground.of(context.inputs().model());
    }

    @Override
    public String purpose() {
        return consolidation().rewarded() ? Purpose.DISTILL_REWARDED : Purpose.DISTILL;
    }

    /** What the expert would have said next is as true of a completion that was cut. */
    @Override
    public boolean masksTruncated() {
        return false;
    }

    @Override
    public TrainingPlan plan() {
        return consolidation().pace(context.task().plan().seed());
    }

    private ConsolidationPlan consolidation() {
        return context.task().consolidation();
    }

    @Override
    public long origin() {
        return start.merged().getVersion();
    }

    @Override
    public long given() {
        return origin();
    }

    @Override
    public UpdateKind kind() {
        return UpdateKind.DISTILLATION;
    }

    @Override
    public List<Parent> teachers() {
        return start.parents();
    }

    @Override
    public List<Parent> startParents() {
        return List.of();
    }

    @Override
    public double rate(long step) {
        ConsolidationPlan plan = consolidation();
        return LearningRate.at(plan.learningRate(), step, plan.steps(), WARMUP_STEPS, plan.finalLrFraction());
    }

    @Override
    public Optional<Start> start(Publisher publisher, Pulse pulse) {
        context.report()
                .phase(
                        Phases.CONSOLIDATION,
                        "learning from %d experts in %d steps"
                                .formatted(start.experts().size(), plan().steps()));
        try (AdapterLog<Adapter> adapters = context.adapters()) {
            return Optional.of(new Start(adapters.fetch(start.merged()), Map.of()));
        }
    }

    /** The experts stand for the reference: no second penalty holds the agent back. */
    private Reward reward(List<Usable> groups) {
        return new Reward(
                consolidation().opdCoef(),
                consolidation().rewardCoef(),
                context.config()
                        .loss()
                        .objective(context.task().maxCompletionTokens())
                        .withoutPenalty(),
                groups.stream().map(this::scored).toList());
    }

    /** What was cut teaches what the expert would have said next, but its reward is that of no answer. */
    private Trainer.Group scored(Usable usable) {
        boolean masks = context.config().loss().maskTruncated();
        List<Trainer.Member> members = new ArrayList<>();
        for (Trainer.Member member : usable.group().members()) {
            boolean cut = usable.record().getMembers().get(members.size()).getTruncated();
            members.add(member.leavingTheLoss(cut && masks));
        }
        return new Trainer.Group(
                usable.group().prompt(), members, usable.group().temperature());
    }

    @Override
    public Steps steps(Supplier<Adapter> origin) {
        Map<String, Adapter> experts = new LinkedHashMap<>();
        try (AdapterLog<Adapter> adapters = context.adapters()) {
            for (PolicyUpdate expert : start.experts()) {
                experts.put(expert.getSpecialty(), adapters.fetch(expert));
            }
        }
        Divergence divergence = consolidation()
                        .full(context.inputs()
                                .model()
                                .directory()
                                .completionTokens()
                                .ids())
                ? Divergence.FULL
                : Divergence.SAMPLED;
        Distillation distillation =
                new Distillation(divergence, context.config().loss().isCap());
        Teachers teachers = new Teachers(context.inputs().model(), experts);
        return new Steps() {
            @Override
            public SortedMap<String, Double> take(
                    Trainer trainer, List<Usable> groups, long version, double rate, PartExchange others)
                    throws InterruptedException {
                List<Lesson> lessons = groups.stream()
                        .map(usable ->
                                new Lesson(usable.group(), usable.record().getSpecialty()))
                        .toList();
                if (!consolidation().rewarded()) {
                    return StepMetrics.of(groups, trainer.distillStep(lessons, teachers, distillation, rate));
                }
                NormalisedBatch normalised = NormalisedBatch.of(groups);
                Optional<Reward> reward = Optional.of(reward(normalised.groups()));
                SortedMap<String, Double> figures = StepMetrics.ofScored(
                        normalised.groups(), trainer.distillStep(lessons, teachers, distillation, reward, rate));
                figures.putAll(normalised.figures());
                return figures;
            }

            @Override
            public void close() {
                teachers.close();
            }
        };
    }
}
