package ai.consilium.monitor.state;

import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.RunRecords;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of a run as its roles would write them. */
public final class Stories {
    public static final String PEDIATRICS = "pediatrics";
    private static final CaseRef CASE = new CaseRef("train.jsonl", "00", "case-1");

    public static TrainingGroup group(String id, long sampledAt, double accuracy, @Nullable Double guideline) {
        Map<String, Double> parts = guideline == null
                ? Map.of("accuracy", accuracy, "format", 1.0)
                : Map.of("accuracy", accuracy, "format", 1.0, "guideline", guideline);
        Member member = new Member(
                id + "/0",
                0,
                "analytical",
                "",
                List.of(1),
                List.of(-1f),
                List.of(new Span(0, 1, sampledAt, "hash")),
                false,
                0.0,
                parts);
        return new TrainingGroup(
                id,
                PEDIATRICS,
                CASE,
                "plan",
                "gba",
                1,
                List.of(member),
                1.0,
                Closing.COMPLETE,
                List.of(),
                0,
                0.0,
                1L,
                false,
                "",
                Purpose.RL,
                0);
    }

    public static PolicyUpdate update(long version, long atMs, boolean last, String... groups) {
        return PolicyUpdate.newBuilder(RunRecords.update(PEDIATRICS, version, 1, 1))
                .setGroupIds(List.of(groups))
                .setFinalVersion(last)
                .setCreatedMs(atMs)
                .build();
    }

    public static GroupOutcome outcome(String group, Outcome outcome) {
        return RunRecords.outcome(group, outcome);
    }

    static Trajectory trajectory(String group, long atMs, int tokens) {
        return Trajectory.newBuilder()
                .setTrajectoryId(group + "/0")
                .setGroupId(group)
                .setSpecialty(PEDIATRICS)
                .setSampleIndex(0)
                .setPerspective("none")
                .setCaseRef(CASE)
                .setScoringConfigHash("plan")
                .setPromptHash("")
                .setTokens(Collections.nCopies(tokens, 1))
                .setLogprobs(Collections.nCopies(tokens, -1f))
                .setSpans(List.of())
                .setText("")
                .setFinishReason(FinishReason.STOP)
                .setTemperature(1)
                .setWorker("w")
                .setDeliveryCount(1)
                .setSampledMs(1)
                .setCreatedMs(atMs)
                .build();
    }

    static Scores scored(String scorer, double value) {
        return scores(score(scorer).setValue(value).build());
    }

    static Scores unscored(String scorer, String reason) {
        return scores(score(scorer).setUnscoredReason(reason).build());
    }

    private static Score.Builder score(String scorer) {
        return Score.newBuilder().setScorer(scorer).setScorerVersion("v").setLatencyMs(2);
    }

    private static Scores scores(Score score) {
        return new Scores("t", "g", 0, "plan", List.of(score), 1L);
    }

    public static RunEvent event(EventKind kind, long atMs, String message, Map<String, String> labels) {
        return event(kind, atMs, message, labels, Map.of());
    }

    static RunEvent event(
            EventKind kind, long atMs, String message, Map<String, String> labels, Map<String, Double> figures) {
        return new RunEvent("run", "learner", "here", kind, message, figures, labels, atMs);
    }

    private Stories() {}
}
