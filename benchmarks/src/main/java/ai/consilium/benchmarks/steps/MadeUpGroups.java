package ai.consilium.benchmarks.steps;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Groups about simulated cases whose completions are random words, half of them right. */
final class MadeUpGroups {
    private static final double TEMPERATURE = 1;

    private final PromptEncoder encoder;
    private final CaseFile cases;
    private final int samples;
    private final int length;
    private final int[] words;
    private final Random random = new Random(1);

    /** @param length of a completion in tokens */
    MadeUpGroups(PromptEncoder encoder, CaseLibrary cases, int samples, int length) {
        this.encoder = encoder;
        this.cases = cases.file(CaseLibrary.TRAINING_FILE);
        this.samples = samples;
        this.length = length;
        CompletionTokens allowed = encoder.model().completionTokens();
        this.words = IntStream.range(0, allowed.ids()).filter(allowed::contains).toArray();
    }

    /** Writes groups that a version sampled, as the advantage stream does. */
    void publish(RunContext run, PolicyUpdate version, int count) {
        String specialty = version.getSpecialty();
        List<Case> about = cases.cases().stream()
                .filter(one -> one.specialty().equals(specialty))
                .toList();
        int partition = run.policies().partition(specialty);
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("bench")) {
            for (int i = 0; i < count; i++) {
                TrainingGroup group = group("group-" + i, about.get(i % about.size()), version);
                var unused = producer.send(
                        new ProducerRecord<>(run.kafka().topic(Topics.TRAINING_GROUPS), partition, specialty, group));
            }
        }
    }

    private TrainingGroup group(String id, Case of, PolicyUpdate version) {
        String prompt = encoder.encode(CaseLibrary.TRAINING_FILE, of, "none").hash();
        List<Member> members = new ArrayList<>();
        for (int sample = 0; sample < samples; sample++) {
            members.add(member(sample, prompt, version));
        }
        return TrainingGroup.newBuilder()
                .setGroupId(id)
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

    private Member member(int sample, String prompt, PolicyUpdate version) {
        return Member.newBuilder()
                .setTrajectoryId("sample-" + sample)
                .setSampleIndex(sample)
                .setPerspective("none")
                .setPromptHash(prompt)
                .setTokens(Stream.generate(() -> words[random.nextInt(words.length)])
                        .limit(length)
                        .toList())
                .setLogprobs(Stream.generate(() -> -5 * random.nextFloat())
                        .limit(length)
                        .toList())
                .setSpans(List.of(new Span(0, length, version.getVersion(), version.getAdapterHash())))
                .setTruncated(false)
                .setAdvantage(sample % 2 == 0 ? 1 : -1)
                .setParts(Map.of("accuracy", (sample + 1) % 2.0))
                .build();
    }
}
