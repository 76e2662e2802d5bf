package ai.consilium.rollout.worker;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.sampling.SamplingEngine;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.rollout.engine.LocalInferenceEngine;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.TinyPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A random tiny model and simulated cases for all tests of a class, workers over them and prompts for them. */
@SuppressWarnings("NullAway.Init") // beforeAll fills the fields
final class RolloutRig implements BeforeAllCallback, AfterAllCallback {
    static final String CHILDREN = "pediatrics";
    static final String ADULTS = "adult_medicine";
    static final List<String> MEMBERS = List.of("analytical", "analytical", "none", "none");

    TinyPolicy policy;
    CaseLibrary library;
    CaseFile cases;
    PromptEncoder encoder;
    private AdaptedWeights weights;
    private Path directory;

    @Override
    public void beforeAll(ExtensionContext tests) throws IOException {
        directory = Files.createTempDirectory("rollout");
        Path data = Files.createDirectory(directory.resolve("data"));
        Clinic.write(data, new ClinicSettings(3, .3, 6, 0, 0));
        policy = TinyPolicy.create(Files.createDirectory(directory.resolve("model")), 1);
        weights = new AdaptedWeights(policy.model(), Folding.ALWAYS);
        library = new CaseLibrary(data);
        cases = library.file("train.jsonl");
        encoder = encoder(library);
    }

    PromptEncoder encoder(CaseLibrary of) {
        return new PromptEncoder(
                policy.model().directory(), PromptLayouts.canonical(), of, ImageSettings.of(1_000_000));
    }

    InferenceEngine engine() {
        return engine(encoder);
    }

    InferenceEngine engine(PromptEncoder of) {
        return new LocalInferenceEngine(
                of, policy.model(), policy.compute(), new SamplingEngine.Limits(160, 64L << 20), weights);
    }

    RolloutService workers(RunContext run, int workers) {
        return new RolloutService(run, RolloutConfigs.local(workers), library, PromptLayouts.canonical(), engine());
    }

    /** Asks the n-th case of a specialty under each of {@link #MEMBERS}. */
    Prompt prompt(String specialty, int n) {
        List<Case> own = cases.cases().stream()
                .filter(one -> one.specialty().equals(specialty))
                .toList();
        return Prompt.newBuilder(RunRecords.prompt(specialty + "-" + n, specialty))
                .setCaseRef(
                        new CaseRef("train.jsonl", cases.sha256(), own.get(n).id()))
                .setMembers(MEMBERS)
                .setSampling(new Sampling(1.0, 8))
                .setGroupSeed(100 + n)
                .build();
    }

    static List<ConsumerRecord<String, Trajectory>> trajectories(RolloutLog log) {
        return log.records(Topics.TRAJECTORIES, Trajectory.class);
    }

    static List<Trajectory> samplesOf(RolloutLog log, Prompt prompt) {
        return trajectories(log).stream()
                .map(ConsumerRecord::value)
                .filter(t -> t.getGroupId().equals(prompt.getGroupId()))
                .toList();
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        weights.close();
        policy.close();
        RunDirectory.delete(directory);
    }
}
