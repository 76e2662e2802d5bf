package ai.consilium.tests;

import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.RunRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes the log of a run as its roles would, a little at a time. */
final class RunStory implements AutoCloseable {
    private final RunContext run;
    private final Producer<String, SpecificRecord> producer;
    private long clockMs = System.currentTimeMillis() - 120_000;

    RunStory(RunContext run) {
        this.run = run;
        this.producer = run.kafka().producer("story");
    }

    /** The run is announced, every specialty has its first version; one group was filtered, one is open. */
    void begins() {
        event("scheduler", EventKind.PHASE, "training on simulated cases", Map.of("cases", "simulated"));
        for (String specialty : run.specialties()) {
            write(Topics.POLICY_UPDATES, specialty, update(specialty, 0));
        }
        String first = run.specialties().get(0);
        write(Topics.PROMPTS, "filtered", prompt("filtered", first));
        write(Topics.GROUP_OUTCOMES, "filtered", outcome("filtered", first, Outcome.FILTERED));
        write(Topics.PROMPTS, "open", prompt("open", first));
        producer.flush();
    }

    /** One group of a specialty goes all the way into an update. */
    void trains(String specialty, long version, double accuracy) {
        String group = specialty + "-" + version;
        write(Topics.PROMPTS, group, prompt(group, specialty));
        write(Topics.SCORES, group, scores(group));
        write(Topics.TRAINING_GROUPS, specialty, group(group, specialty, version - 1, accuracy));
        write(
                Topics.POLICY_UPDATES,
                specialty,
                PolicyUpdate.newBuilder(update(specialty, version))
                        .setGroupIds(List.of(group))
                        .setFigures(figures(version, accuracy))
                        .build());
        write(
                Topics.GROUP_OUTCOMES,
                group,
                GroupOutcome.newBuilder(outcome(group, specialty, Outcome.TRAINED))
                        .setPolicyVersion(version)
                        .build());
        producer.flush();
    }

    /** What a step tells. */
    private static Map<String, Double> figures(long version, double accuracy) {
        return Map.ofEntries(
                Map.entry("reward/accuracy", accuracy),
                Map.entry("reward/accuracy/analytical", accuracy),
                Map.entry("staleness/groups/0", 1.0),
                Map.entry("reward/guideline", accuracy / 2),
                Map.entry("reward/format", 1.0),
                Map.entry("entropy", 1.0 / version),
                Map.entry("kl", 0.01 * version),
                Map.entry("clip_ratio/low_mean", 0.001),
                Map.entry("clip_ratio/high_mean", 0.002 * version),
                Map.entry("rollout_corr/kl", 1e-5 * version),
                Map.entry("rollout_corr/rollout_is_eff_sample_size", 0.99),
                Map.entry("grad_norm", 0.3),
                Map.entry("response_length/mean", 20.0 + version),
                Map.entry("response_length/max", 40.0),
                Map.entry("response_length/clip_ratio", 0.1),
                Map.entry("staleness/mean", 0.5),
                Map.entry("staleness/max", 1.0),
                Map.entry("step_seconds", 0.4),
                Map.entry("wait_for_batch_seconds", 0.2));
    }

    /** The experts are merged, and the agent learns from them. */
    void merges() {
        write(
                Topics.POLICY_UPDATES,
                Topics.UNIFIED,
                PolicyUpdate.newBuilder(update(Topics.UNIFIED, 1))
                        .setKind(UpdateKind.MERGE)
                        .setFigures(Map.of("merge/pairwise_cosine", 0.08, "val/accuracy/mean", 0.7))
                        .build());
        for (long version = 2; version <= 3; version++) {
            write(
                    Topics.POLICY_UPDATES,
                    Topics.UNIFIED,
                    PolicyUpdate.newBuilder(update(Topics.UNIFIED, version))
                            .setKind(UpdateKind.DISTILLATION)
                            .setFigures(Map.of("distill/kl", 0.3 / version, "distill/agreement", 0.9))
                            .build());
        }
        producer.flush();
    }

    /** A role says something. */
    void says(String message) {
        event("learner", EventKind.PHASE, message, Map.of("specialty", "pediatrics"));
        producer.flush();
    }

    /** A group of two samples of a case, with scores and advantages: right, and wrong. */
    void samples(String group, CaseRef of, List<String> texts, String scorer, String evidence) {
        String specialty = run.specialties().get(0);
        write(
                Topics.PROMPTS,
                group,
                Prompt.newBuilder(prompt(group, specialty)).setCaseRef(of).build());
        List<Member> members = new ArrayList<>();
        for (int sample = 0; sample < texts.size(); sample++) {
            String text = texts.get(sample);
            List<Integer> tokens = text.codePoints().boxed().toList();
            List<Float> logprobs = IntStream.range(0, tokens.size())
                    .mapToObj(i -> -0.3f * (i % 8))
                    .toList();
            String id = group + "/" + sample;
            List<Span> spans = List.of(
                    new Span(0, tokens.size() / 2, 1L, "hash"), new Span(tokens.size() / 2, tokens.size(), 2L, "hash"));
            double accuracy = sample == 0 ? 1 : 0;
            Map<String, Double> parts = Map.of("accuracy", accuracy, "format", 1.0, "z_a", 2 * accuracy - 1);
            write(
                    Topics.TRAJECTORIES,
                    group,
                    trajectory(id, group, specialty, of, sample, text, tokens, logprobs, spans));
            write(Topics.SCORES, group, scored(id, group, sample, accuracy, scorer, evidence));
            members.add(new Member(
                    id, sample, "analytical", "shown", tokens, logprobs, spans, false, 2 * accuracy - 1, parts));
        }
        write(
                Topics.TRAINING_GROUPS,
                specialty,
                TrainingGroup.newBuilder(group(group, specialty, 1, 1))
                        .setCaseRef(of)
                        .setMembers(members)
                        .setGroupSize(members.size())
                        .build());
        write(
                Topics.GROUP_OUTCOMES,
                group,
                GroupOutcome.newBuilder(outcome(group, specialty, Outcome.TRAINED))
                        .setPolicyVersion(3)
                        .build());
        producer.flush();
    }

    private Trajectory trajectory(
            String id,
            String group,
            String specialty,
            CaseRef of,
            int sample,
            String text,
            List<Integer> tokens,
            List<Float> logprobs,
            List<Span> spans) {
        return Trajectory.newBuilder()
                .setTrajectoryId(id)
                .setGroupId(group)
                .setSpecialty(specialty)
                .setSampleIndex(sample)
                .setPerspective("analytical")
                .setCaseRef(of)
                .setScoringConfigHash("plan")
                .setPromptHash("shown")
                .setTokens(tokens)
                .setLogprobs(logprobs)
                .setSpans(spans)
                .setText(text)
                .setFinishReason(FinishReason.STOP)
                .setTemperature(1)
                .setWorker("story")
                .setDeliveryCount(1)
                .setSampledMs(1)
                .setCreatedMs(nextMs())
                .build();
    }

    private Scores scored(String id, String group, int sample, double accuracy, String scorer, String evidence) {
        Score right = Score.newBuilder()
                .setScorer("accuracy")
                .setScorerVersion("v")
                .setValue(accuracy)
                .setLatencyMs(1)
                .build();
        Score guideline = Score.newBuilder()
                .setScorer(scorer)
                .setScorerVersion("v")
                .setValue(0.25)
                .setEvidence(List.of(evidence))
                .setLatencyMs(1)
                .build();
        return new Scores(id, group, sample, "plan", List.of(right, guideline), nextMs());
    }

    /** A version answers a validation case right. */
    void examines(String specialty, long version) {
        examines(new ExaminedGroup(specialty, version, 0));
    }

    /** A question of an examination is answered right. */
    void examines(ExaminedGroup group) {
        String specialty = group.policy();
        write(Topics.PROMPTS, group.id(), prompt(group.id(), specialty));
        write(
                Topics.GROUP_OUTCOMES,
                group.id(),
                new OutcomeFactory("story").examined(group.id(), specialty, group.version(), 1.0, nextMs()));
        producer.flush();
    }

    /** The merger says that it is over. */
    void finishes() {
        event("merger", EventKind.FINISHED, "all experts are final and merged", Map.of());
        producer.flush();
    }

    private Prompt prompt(String group, String specialty) {
        return Prompt.newBuilder(RunRecords.prompt(group, specialty))
                .setCreatedMs(nextMs())
                .build();
    }

    private PolicyUpdate update(String specialty, long version) {
        return PolicyUpdate.newBuilder(RunRecords.update(specialty, version, 1, 1))
                .setCreatedMs(nextMs())
                .build();
    }

    private GroupOutcome outcome(String group, String specialty, Outcome outcome) {
        return GroupOutcome.newBuilder(RunRecords.outcome(group, outcome))
                .setSpecialty(specialty)
                .setCreatedMs(nextMs())
                .build();
    }

    private TrainingGroup group(String id, String specialty, long sampledAt, double accuracy) {
        Member member = new Member(
                id + "/0",
                0,
                "differential",
                "",
                List.of(1),
                List.of(-1f),
                List.of(new Span(0, 1, sampledAt, "hash")),
                false,
                0.0,
                Map.of("accuracy", accuracy, "format", 1.0, "guideline", accuracy / 2));
        return new TrainingGroup(
                id,
                specialty,
                new CaseRef("train.jsonl", "00", "case-1"),
                "plan",
                "gba",
                1,
                List.of(member),
                1.0,
                Closing.COMPLETE,
                List.of(),
                0,
                0.0,
                nextMs(),
                false,
                specialty,
                Purpose.RL,
                0);
    }

    private Scores scores(String group) {
        Score score = Score.newBuilder()
                .setScorer("differential")
                .setScorerVersion("v")
                .setValue(0.5)
                .setLatencyMs(2)
                .build();
        return new Scores(group + "/0", group, 0, "plan", List.of(score), nextMs());
    }

    private void event(String role, EventKind kind, String message, Map<String, String> labels) {
        write(
                Topics.RUN_EVENTS,
                run.runId(),
                new RunEvent(run.runId(), role, "story", kind, message, Map.of(), labels, nextMs()));
    }

    private void write(Topics topic, String key, SpecificRecord value) {
        // The flush that follows waits for it; a record that is missing is missed on the page.
        Future<?> unused = producer.send(new ProducerRecord<>(run.kafka().topic(topic), key, value));
    }

    private long nextMs() {
        clockMs += 1000;
        return clockMs;
    }

    @Override
    public void close() {
        producer.close();
    }
}
