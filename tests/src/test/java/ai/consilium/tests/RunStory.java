package ai.consilium.tests;

import ai.consilium.platform.run.ExaminedGroup;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.EventKind;
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
import ai.consilium.testing.RunRecords;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes the log of a run as its roles would, a little at a time. */
final class RunStory implements AutoCloseable {
    private final RunContext run;
    private final Producer<String, SpecificRecord> producer;
    private long clockMs = System.currentTimeMillis() - 60_000;

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
                        .build());
        write(Topics.GROUP_OUTCOMES, group, outcome(group, specialty, Outcome.TRAINED));
        producer.flush();
    }

    /** A version answers a validation case right. */
    void examines(String specialty, long version) {
        ExaminedGroup group = new ExaminedGroup(specialty, version, 0);
        write(Topics.PROMPTS, group.id(), prompt(group.id(), specialty));
        write(
                Topics.GROUP_OUTCOMES,
                group.id(),
                new OutcomeFactory("story").examined(group.id(), specialty, version, 1.0, nextMs()));
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
