package ai.consilium.benchmarks.steps;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.training.CompletionScorer;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Groups about simulated cases whose completions are random words, half of them right; their log-probabilities are the model's. */
final class MadeUpGroups {
    private static final double TEMPERATURE = 1;

    private final PromptEncoder encoder;
    private final CompletionScorer scorer;
    private final CaseFile cases;
    private final int samples;
    private final int length;
    private final int[] words;
    private final Random random = new Random(1);

    /** @param length of a completion in tokens */
    MadeUpGroups(PromptEncoder encoder, CompletionScorer scorer, CaseLibrary cases, int samples, int length) {
        this.encoder = encoder;
        this.scorer = scorer;
        this.cases = cases.file(CaseLibrary.TRAINING_FILE);
        this.samples = samples;
        this.length = length;
        CompletionTokens allowed = encoder.model().completionTokens();
        this.words = IntStream.range(0, allowed.ids()).filter(allowed::contains).toArray();
    }

    /**
     * Writes batches of groups as the advantage stream does, all batches alike.
     *
     * @param version that sampled them, and changes nothing in the model
     */
    void publish(RunContext run, PolicyUpdate version, int batches, int batchSize) throws InterruptedException {
        String specialty = version.getSpecialty();
        List<TrainingGroup> batch = new ArrayList<>();
        for (Case of : cases.cases().stream()
                .filter(one -> one.specialty().equals(specialty))
                .limit(batchSize)
                .toList()) {
            batch.add(group(of, version));
        }
        int partition = run.policies().partition(specialty);
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("bench")) {
            for (int i = 0; i < batches * batchSize; i++) {
                TrainingGroup group = TrainingGroup.newBuilder(batch.get(i % batch.size()))
                        .setGroupId("group-" + i)
                        .build();
                var unused = producer.send(
                        new ProducerRecord<>(run.kafka().topic(Topics.TRAINING_GROUPS), partition, specialty, group));
            }
        }
    }

    private TrainingGroup group(Case of, PolicyUpdate version) throws InterruptedException {
        PromptEncoder.Encoded prompt = encoder.encode(CaseLibrary.TRAINING_FILE, of, "none");
        List<Member> members = new ArrayList<>();
        for (int sample = 0; sample < samples; sample++) {
            members.add(member(sample, prompt, version));
        }
        return TrainingGroup.newBuilder()
                .setGroupId(of.id())
                .setSpecialty(version.getSpecialty())
                .setCaseRef(new CaseRef(CaseLibrary.TRAINING_FILE, cases.sha256(), of.id()))
                .setScoringConfigHash("bench")
                .setEstimator("gba")
                .setGroupSize(samples)
                .setMembers(members)
                .setTemperature(TEMPERATURE)
                .setClosed(Closing.COMPLETE)
                .setMissing(List.of())
                .setSuperseded(0)
                .setCapResidual(0)
                .setCreatedMs(System.currentTimeMillis())
                .build();
    }

    private Member member(int sample, PromptEncoder.Encoded prompt, PolicyUpdate version) throws InterruptedException {
        int[] tokens = IntStream.generate(() -> words[random.nextInt(words.length)])
                .limit(length)
                .toArray();
        List<Float> logprobs = new ArrayList<>();
        for (float logprob : scorer.logprobs(null, prompt.prefix(), prompt.instruction(), tokens, TEMPERATURE)) {
            logprobs.add(logprob);
        }
        return Member.newBuilder()
                .setTrajectoryId("sample-" + sample)
                .setSampleIndex(sample)
                .setPerspective("none")
                .setPromptHash(prompt.hash())
                .setTokens(Arrays.stream(tokens).boxed().toList())
                .setLogprobs(logprobs)
                .setSpans(List.of(new Span(0, length, version.getVersion(), version.getAdapterHash())))
                .setTruncated(false)
                .setAdvantage(sample % 2 == 0 ? 1 : -1)
                .setParts(Map.of("accuracy", (sample + 1) % 2.0))
                .build();
    }
}
