package ai.consilium.cli.memory;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.memory.ActivationMemory;
import ai.consilium.policy.memory.AdapterMemory;
import ai.consilium.policy.memory.GroupSize;
import ai.consilium.policy.memory.MergeMemory;
import ai.consilium.policy.memory.SamplingMemory;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.WeightBytes;
import ai.consilium.policy.training.ActivationCheckpointing;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What the processes of a run need of memory, by its configuration and the shape of its model. */
public final class RunMemory {
    /** Of text, beside an image. */
    private static final int TEXT_TOKENS = 256;
    /** An image is expected to be no larger: 1,280 tokens are a megapixel. */
    private static final int IMAGE_TOKENS = 1280;
    /** Cases that are evaluated together, if each has one sample. */
    private static final int EVALUATED_TOGETHER = 64;
    /** libtorch, the compiled classes, stacks. */
    private static final long LIBRARIES = 400L << 20;
    /** What CUDA and its libraries take of a device. */
    private static final long CUDA = 1L << 30;
    /** A cache of keys and values may have so much more room than it needs: half. */
    private static final double ROOM = 1.5;

    private final ConsiliumConfig config;
    private final Device device;
    private final GroupSize group;
    private final int patches;
    private final int threads;
    private final int policies;
    private final int learnt;
    private final WeightBytes weights;
    private final SamplingMemory sampling;
    private final ActivationMemory activations;
    private final AdapterMemory adapter;
    private final MergeMemory merge;
    private final Precision precision;

    /**
     * Of a model in a run.
     *
     * @param group what prompts and completions are expected to be
     */
    public RunMemory(ConsiliumConfig config, ModelDirectory model, Device device, GroupSize group) {
        this.config = config;
        this.device = device;
        this.group = group;
        precision = Precision.named(config.compute().dtype());
        int merged = model.mergeSize() * model.mergeSize();
        patches = Math.min(model.images().mostPatches(), Math.min(IMAGE_TOKENS, group.promptTokens()) * merged);
        threads = config.compute().resolved();
        policies = config.trainedPolicies().size();
        learnt = config.learnerPolicies().size();
        weights = WeightBytes.of(model, precision);
        int ids = model.completionTokens().ids();
        sampling = new SamplingMemory(model.config(), precision, ids);
        activations = new ActivationMemory(model.config(), precision, ids);
        adapter = new AdapterMemory(
                model.config(),
                config.learner().lora().rank(),
                config.learner().lora().targets());
        merge = new MergeMemory(
                model.config(),
                precision,
                config.specialties().size(),
                config.merger().calibration().cases(),
                config.merger().calibration().tokens());
    }

    /** A group as the configuration has it: an image as large as the model takes it, up to a megapixel, and some text. */
    public static GroupSize expected(ConsiliumConfig config, ModelDirectory model) {
        int image = model.images().mostPatches() / (model.mergeSize() * model.mergeSize());
        return new GroupSize(
                Math.min(IMAGE_TOKENS, image) + TEXT_TOKENS,
                0,
                config.scheduler().groupSize(),
                config.scheduler().sampling().maxCompletionTokens());
    }

    /** Of this process, whatever it does: the whole heap, and what is outside of it. */
    public static long heapAndLibraries() {
        return Runtime.getRuntime().maxMemory() + LIBRARIES;
    }

    public Device device() {
        return device;
    }

    public GroupSize group() {
        return group;
    }

    int threads() {
        return threads;
    }

    /** How adapters are sampled with in a process that does such work: copies may fill what all else leaves. */
    public Folding folding(Set<Work> works) {
        long room = device.known() ? device.bytes() - need("", works, false).own() - weights.mapped() : 0;
        return new Folding(Folding.Mode.named(config.compute().fold()), copies(works), Math.max(0, room));
    }

    /** Adapters that are sampled with by turns: of each policy the newest, one that is being replaced, one that is evaluated. */
    private int copies(Set<Work> works) {
        return (works.contains(Work.ROLLOUT) && !config.rollout().remote() ? policies : 0) + 2;
    }

    private boolean folds(Set<Work> works) {
        return folding(works).folds(sampling.copyBytes(), sampling.headBytes());
    }

    /** What a process needs that does some kinds of work. */
    public ProcessNeed need(String command, Set<Work> works) {
        return need(command, works, folds(works));
    }

    private ProcessNeed need(String command, Set<Work> works, boolean folded) {
        return ProcessNeed.of(command, roles(works, folded), threads);
    }

    /** What each kind of work needs in a process that does all of these. */
    public List<RoleMemory> roles(Set<Work> works) {
        return roles(works, folds(works));
    }

    private List<RoleMemory> roles(Set<Work> works, boolean folded) {
        List<RoleMemory> roles = new ArrayList<>();
        roles.add(model(works, folded));
        if (works.contains(Work.ROLLOUT) && !config.rollout().remote()) {
            roles.add(rollout(folded));
        }
        if (works.contains(Work.LEARNER)) {
            roles.add(learner());
        }
        if (works.contains(Work.MERGER)) {
            roles.add(merger());
        }
        if (works.contains(Work.MERGER) || works.contains(Work.EVALUATION)) {
            roles.add(evaluation(folded));
        }
        return roles;
    }

    private RoleMemory model(Set<Work> works, boolean folded) {
        List<MemoryLine> lines = new ArrayList<>();
        if (device.gpu()) {
            lines.add(MemoryLine.always("weights", weights.total(), "model", "compute.dtype"));
            lines.add(MemoryLine.always("CUDA and its libraries", CUDA));
        } else {
            lines.add(MemoryLine.mapped("weights, in their files' pages", weights.mapped(), "model", "compute.dtype"));
            lines.add(MemoryLine.always("weights, copied", weights.copied(), "model", "compute.dtype"));
            lines.add(MemoryLine.always("heap and libraries", heapAndLibraries(), "CONSILIUM_JAVA_OPTS"));
        }
        lines.add(MemoryLine.always(
                "features of images", (long) config.images().featuresMib() << 20, "images.features_mib"));
        if (!works.equals(EnumSet.of(Work.LEARNER))) {
            int copies = copies(works);
            long bytes = folded
                    ? copies * sampling.copyBytes() + sampling.headBytes()
                    : copies * adapter.besideBytes(precision);
            String what = folded ? "weights with adapters, " : "adapters beside the weights, ";
            lines.add(MemoryLine.always(
                    what + copies, bytes, "compute.fold", "lora.rank", "lora.targets", "specialties"));
        }
        return RoleMemory.inTurn(Work.MODEL, lines, 0);
    }

    private RoleMemory rollout(boolean folded) {
        long held = (long) config.rollout().workers() * config.rollout().groupsPerBatch();
        long wanted = (long) (ROOM * held * sampling.groupBytes(group));
        long cache = Math.min((long) config.rollout().kvCacheMib() << 20, wanted);
        int rows = (int) Math.min(Math.max(config.rollout().maxSamples(), group.samples()), held * group.samples());
        List<MemoryLine> lines = new ArrayList<>();
        lines.add(MemoryLine.always(
                "keys and values",
                cache,
                "rollout.kv_cache_mib",
                "rollout.workers",
                "rollout.groups_per_batch",
                "group_size",
                "sampling.max_completion_tokens"));
        lines.add(MemoryLine.step("a token of " + rows + " samples", sampling.stepBytes(rows), "rollout.max_samples"));
        lines.addAll(prompts((int) held, folded));
        return RoleMemory.inTurn(Work.ROLLOUT, lines, policies);
    }

    private List<MemoryLine> prompts(int prompts, boolean folded) {
        List<MemoryLine> lines = new ArrayList<>();
        lines.add(MemoryLine.step("prompts", sampling.prefillBytes(group.promptTokens(), prompts)));
        lines.add(MemoryLine.step("an image of " + patches + " patches", sampling.visionBytes(patches), "model"));
        if (folded) {
            lines.add(MemoryLine.step("an adapter that is folded", sampling.foldingBytes(), "compute.fold"));
        }
        return lines;
    }

    private RoleMemory learner() {
        List<MemoryLine> lines = new ArrayList<>();
        lines.add(MemoryLine.always(
                "adapters and moments, " + learnt,
                learnt * adapter.trainedBytes(),
                "lora.rank",
                "lora.targets",
                "specialties"));
        if (config.merger().consolidate().wanted()) {
            lines.add(MemoryLine.always(
                    "teachers",
                    config.specialties().size() * adapter.bytes(),
                    "merger.consolidate.steps",
                    "lora.rank",
                    "lora.targets"));
        }
        if (config.foldAgent()
                && (config.rounds() != 1 || !config.start().agent().isBlank())) {
            lines.add(MemoryLine.always("weights with the agent folded in", sampling.copyBytes(), "fold_agent"));
        }
        lines.add(graph());
        lines.add(MemoryLine.step("gradients", adapter.gradientBytes(precision), "lora.rank", "lora.targets"));
        int partsAtOnce = device.gpu() ? 1 : threads;
        return RoleMemory.together(Work.LEARNER, lines, learnt * partsAtOnce);
    }

    /** What a group keeps for its gradients, by the route that the trainer would take for it. */
    private MemoryLine graph() {
        PackedBatch.Shape shape = new PackedBatch.Shape(
                1, group.promptTokens(), group.samples(), group.instructionTokens() + group.completionTokens());
        ActivationCheckpointing settings = config.learner().activations().settings();
        return MemoryLine.step(
                "activations and logits" + (settings.checkpointed(shape, activations) ? ", checkpointed" : ""),
                settings.needed(shape, activations),
                "activations.checkpointing",
                "activations.max_mib",
                "group_size",
                "sampling.max_completion_tokens");
    }

    private RoleMemory merger() {
        int tokens = group.promptTokens() + group.completionTokens();
        return RoleMemory.together(
                Work.MERGER,
                List.of(
                        MemoryLine.step("states of the cases", merge.stateBytes(tokens), "merger.calibration.cases"),
                        MemoryLine.step("inputs of a layer", merge.inputBytes(tokens), "merger.calibration.tokens"),
                        MemoryLine.step("adapters", merge.adapterBytes(adapter), "lora.rank", "lora.targets"),
                        MemoryLine.step(
                                "the widest weight, or texts in a layer beside the last one",
                                merge.workBytes(group.promptTokens(), group.completionTokens()),
                                "merger.calibration.tokens")),
                1);
    }

    private RoleMemory evaluation(boolean folded) {
        long slots = EVALUATED_TOGETHER * (long) (group.promptTokens() + group.completionTokens());
        long cache = slots * sampling.slotBytes();
        List<MemoryLine> lines = new ArrayList<>();
        lines.add(
                MemoryLine.step("a token of " + EVALUATED_TOGETHER + " cases", sampling.stepBytes(EVALUATED_TOGETHER)));
        lines.addAll(prompts(EVALUATED_TOGETHER, folded));
        RoleMemory turns = RoleMemory.inTurn(Work.EVALUATION, lines, threads);
        lines.add(MemoryLine.step(
                "keys and values of " + EVALUATED_TOGETHER + " cases", cache, "sampling.max_completion_tokens"));
        return new RoleMemory(Work.EVALUATION, lines, cache + turns.stepBytes(), threads);
    }

    /** Least of rollout.kv_cache_mib with which a group of this size can be sampled. */
    public long leastKvCacheMib() {
        return (sampling.groupBytes(group) >> 20) + 1;
    }
}
