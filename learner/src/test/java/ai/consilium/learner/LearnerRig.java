package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.CheckpointPlace;
import ai.consilium.learner.checkpoint.CheckpointStore;
import ai.consilium.learner.checkpoint.DirectoryCheckpoints;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.checkpoint.OptimizerStateFile;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.learner.context.GivenStarts;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.sft.DomainAdaptation;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.sampling.SamplingEngine;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.TinyPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A random tiny model over simulated cases, and the stream around a learner: samples groups as a rollout worker would, with the
 * adapter that the log holds, and writes them as the advantage stream would.
 */
public final class LearnerRig implements AutoCloseable {
    private static final int MEMBERS = 4;

    private final Path data;
    private final Compute compute = new Compute(1);
    private final PolicyModel model;
    private final CaseLibrary cases;
    private final PromptEncoder encoder;

    /** In a directory, where another rig may have written both already. */
    public LearnerRig(Path directory) throws IOException {
        data = directory.resolve("data");
        if (!Files.exists(data)) {
            Clinic.write(data, new ClinicSettings(1, 0.3, 6, 2, 0));
            TinyPolicy.write(Files.createDirectories(directory.resolve("model")), 1);
        }
        model = PolicyModel.load(ModelDirectory.open(directory.resolve("model")), compute);
        cases = new CaseLibrary(data);
        encoder = new PromptEncoder(model.directory(), PromptLayouts.canonical(), cases, ImageSettings.of(1_000_000));
    }

    LearnerInputs inputs(Path checkpoints) {
        return inputs(checkpoints, Map.of());
    }

    LearnerInputs inputs(Path checkpoints, Map<String, Adapter> starts) {
        return inputs(DirectoryCheckpoints.under(checkpoints, false), starts);
    }

    LearnerInputs inputs(CheckpointPlace checkpoints, Map<String, Adapter> starts) {
        return new LearnerInputs(model, compute, encoder, cases, checkpoints, GivenStarts.of(starts));
    }

    /** An adaptation to the test specialty. */
    public DomainAdaptation adaptation(LearnerConfig config) {
        LearnerInputs inputs = inputs(data);
        return DomainAdaptation.of(inputs, Groups.SPECIALTY, config, 7, DomainAdaptation.initial(inputs, config, 7));
    }

    /** Samples a group with a published version. */
    TrainingGroup sample(RunContext run, String groupId, PolicyUpdate version) throws InterruptedException {
        return sample(run, groupId, List.of(version));
    }

    /** Samples a group with the first of some published versions, and swaps to the next whenever eight tokens are sampled. */
    private TrainingGroup sample(RunContext run, String groupId, List<PolicyUpdate> versions)
            throws InterruptedException {
        return sample(run, groupId, versions.get(0).getSpecialty(), versions);
    }

    /** Samples a group of a specialty's case with versions of the unified agent. */
    TrainingGroup lesson(RunContext run, String groupId, String specialty, List<PolicyUpdate> versions)
            throws InterruptedException {
        return TrainingGroup.newBuilder(sample(run, groupId, specialty, versions))
                .setPolicy(Topics.UNIFIED)
                .setPurpose(Purpose.DISTILL_REWARDED)
                .build();
    }

    TrainingGroup sample(RunContext run, String groupId, String specialty, List<PolicyUpdate> versions)
            throws InterruptedException {
        CaseFile file = cases.file("train.jsonl");
        Case of = file.cases().stream()
                .filter(c -> c.specialty().equals(specialty))
                .skip(Math.floorMod(groupId.hashCode(), 6))
                .findFirst()
                .orElseThrow();
        PromptEncoder.Encoded prompt = encoder.encode("train.jsonl", of, "none");
        Sampler.Group asked = new Sampler.Group(
                prompt.prefix(), Collections.nCopies(MEMBERS, prompt.instruction()), groupId.hashCode());
        List<SamplingEngine.Finished> finished = List.of();
        try (SamplingEngine engine = new SamplingEngine(model, compute, new SamplingEngine.Limits(MEMBERS, 1L << 28))) {
            for (PolicyUpdate version : versions) {
                engine.use(
                        specialty,
                        new SamplingEngine.Policy(
                                version.getVersion(), version.getAdapterHash(), LearnerLog.adapter(run, version)));
                if (version == versions.get(0)) {
                    engine.submit(SamplingEngine.Request.of(specialty, asked, new Sampler.Settings(1, 12)));
                }
                finished = finished.isEmpty() ? engine.step(Compute.Urgency.SAMPLE) : finished;
            }
            while (finished.isEmpty()) {
                finished = engine.step(Compute.Urgency.SAMPLE);
            }
        }
        List<SamplingEngine.Sampled> samples = finished.get(0).samples();
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            Sampler.Completion completion = samples.get(i).completion();
            List<Float> logprobs = new ArrayList<>();
            for (float logprob : completion.logprobs()) {
                logprobs.add(logprob);
            }
            List<Integer> tokens =
                    java.util.Arrays.stream(completion.tokens()).boxed().toList();
            members.add(Member.newBuilder(Groups.member(
                            i,
                            prompt.hash(),
                            tokens,
                            i % 2 == 0 ? 1 : -1,
                            Map.of("accuracy", (i + 1) % 2.0),
                            samples.get(i).spans().stream()
                                    .map(span -> new Span(span.start(), span.end(), span.version(), span.hash()))
                                    .toArray(Span[]::new)))
                    .setLogprobs(logprobs)
                    .build());
        }
        TrainingGroup group = Groups.group(groupId, new CaseRef("train.jsonl", file.sha256(), of.id()), members);
        return TrainingGroup.newBuilder(group).setSpecialty(specialty).build();
    }

    /**
     * Runs a learner to its end: the first two groups are of its version 0, and the others begin with it and go on with
     * version 1.
     *
     * @return the groups
     */
    List<TrainingGroup> train(RunContext run, LearnerService learner, int count) throws InterruptedException {
        learner.start();
        PolicyUpdate start = LearnerLog.awaitVersion(run, 0);
        List<TrainingGroup> first = List.of(sample(run, "group-0", start), sample(run, "group-1", start));
        LearnerLog.publish(run, first);
        PolicyUpdate next = LearnerLog.awaitVersion(run, 1);
        List<TrainingGroup> others = new ArrayList<>();
        for (int i = first.size(); i < count; i++) {
            others.add(sample(run, "group-" + i, List.of(start, next)));
        }
        LearnerLog.publish(run, others);
        awaitEnd(learner);
        learner.threads().get(0).failure().ifPresent(failure -> {
            throw new IllegalStateException("the undisturbed learner failed", failure);
        });
        return Stream.concat(first.stream(), others.stream()).toList();
    }

    /** A run of two specialties, of which the tests train the second. */
    static RunContext run(EmbeddedCluster cluster) {
        return cluster.run("adult_medicine", Groups.SPECIALTY);
    }

    /** A learner of the test specialty. */
    LearnerService learner(RunContext run, LearnerTask task, Path checkpoints) {
        return learner(run, task, checkpoints, FaultPoint.Plan.NONE);
    }

    LearnerService learner(RunContext run, LearnerTask task, Path checkpoints, FaultPoint.Plan faults) {
        return learner(run, Groups.SPECIALTY, task, checkpoints, faults);
    }

    LearnerService learner(RunContext run, String policy, LearnerTask task, Path checkpoints, FaultPoint.Plan faults) {
        return new LearnerService(run, List.of(policy), LearnerConfigs.tiny(), task, inputs(checkpoints), faults);
    }

    /** A checkpoint of the test specialty. */
    static Checkpoint checkpoint(Path checkpoints, long version) {
        return checkpoint(checkpoints, Groups.SPECIALTY, version);
    }

    static Checkpoint checkpoint(Path checkpoints, String policy, long version) {
        return new CheckpointStore(
                        new DirectoryCheckpoints(checkpoints.resolve(policy), false), 0, FaultPoint.Plan.NONE)
                .read(version)
                .orElseThrow();
    }

    /** A learner of the test specialty whose expert begins as an adapter. */
    LearnerService learnerFrom(Adapter start, RunContext run, LearnerTask task, Path checkpoints) {
        return new LearnerService(
                run,
                List.of(Groups.SPECIALTY),
                LearnerConfigs.tiny(),
                task,
                inputs(checkpoints, Map.of(Groups.SPECIALTY, start)),
                FaultPoint.Plan.NONE);
    }

    /** An adapter of the learner's shape that changes something. */
    Adapter random(long seed) {
        LearnerConfig.Lora lora = LearnerConfigs.tiny().lora();
        return random(lora.rank(), lora.targets(), seed);
    }

    /** An adapter that changes something. */
    Adapter random(int rank, List<String> targets, long seed) {
        Adapter initial = Adapter.initial(model.directory(), rank, 2.0 * rank, targets, seed);
        SortedMap<String, HostTensor> tensors = new TreeMap<>(initial.tensors());
        Random random = new Random(seed);
        tensors.replaceAll((name, tensor) -> {
            float[] values = tensor.values().clone();
            for (int i = 0; i < values.length && name.contains("lora_B"); i++) {
                values[i] = (float) (.2 * random.nextGaussian());
            }
            return new HostTensor(tensor.shape(), values);
        });
        return new Adapter(initial.rank(), initial.alpha(), initial.targets(), tensors);
    }

    static void awaitEnd(LearnerService learner) {
        await().atMost(Duration.ofSeconds(60)).until(learner::finished);
    }

    /** Weights, moments, step and offsets are those of another learner, which trained on the same groups. */
    static void assertSame(Checkpoint end, Checkpoint expected) {
        assertThat(end.trained().adapter().toSafetensors())
                .isEqualTo(expected.trained().adapter().toSafetensors());
        assertThat(OptimizerStateFile.write(end.trained())).isEqualTo(OptimizerStateFile.write(expected.trained()));
        assertThat(end.trained().step()).isEqualTo(expected.trained().step());
        assertThat(end.facts().fromOffset()).isEqualTo(expected.facts().fromOffset());
        assertThat(end.facts().nextOffset()).isEqualTo(expected.facts().nextOffset());
        assertThat(end.facts().groupIds()).isEqualTo(expected.facts().groupIds());
    }

    /** Copies checkpoints. */
    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    @Override
    public void close() {
        model.close();
        compute.close();
    }
}
