package ai.consilium.advantage;

import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Records of groups of eight: two samples under each of four perspectives, with the contract's golden scores. */
public final class AdvantageRecords {
    public static final List<String> SPECIALTIES = List.of("adult_medicine", "pediatrics");
    public static final List<String> MEMBERS = List.of(
            "differential", "differential", "intuitive", "intuitive", "analytical", "analytical", "none", "none");
    static final double[] ACCURACY = {1, 0, 1, 1, 0, 0, 1, 0};
    static final double[] FORMAT = {1, 1, 1, 1, 1, 0, 1, 1};
    static final double[] GUIDELINE = {.8, .9, .2, .6, .5, .4, 0, 0};
    public static final long CREATED = 1_000;
    public static final long DEADLINE = 600_000;

    private AdvantageRecords() {}

    public static ScoringConfig config(String hash) {
        List<ScorerRef> scorers = new ArrayList<>();
        scorers.add(scorer("accuracy", Component.ACCURACY).build());
        scorers.add(scorer("format", Component.FORMAT).build());
        for (String perspective : List.of("differential", "intuitive", "analytical")) {
            scorers.add(scorer(perspective, Component.GUIDELINE)
                    .setPerspective(perspective)
                    .build());
        }
        scorers.add(scorer("candidate", Component.GUIDELINE).setShadow(true).build());
        return new ScoringConfig(
                hash, "gba", Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5), scorers, "{}");
    }

    private static ScorerRef.Builder scorer(String name, Component component) {
        return ScorerRef.newBuilder()
                .setName(name)
                .setVersion("v1")
                .setComponent(component)
                .setRequired(true)
                .setShadow(false);
    }

    public static Prompt prompt(String group) {
        return prompt(group, "pediatrics", "config");
    }

    public static Prompt prompt(String group, String specialty, String config) {
        CaseRef caseRef = new CaseRef("train.jsonl", "ab", "case-1");
        return new Prompt(
                group,
                specialty,
                caseRef,
                MEMBERS,
                new Sampling(1.0, 64),
                7L,
                DEADLINE,
                config,
                0L,
                CREATED,
                "",
                Purpose.RL,
                0,
                -1L);
    }

    public static Trajectory trajectory(String group, int sample) {
        return trajectory(group, sample, id(sample));
    }

    public static Trajectory trajectory(String group, int sample, String id) {
        return Trajectory.newBuilder()
                .setTrajectoryId(id)
                .setGroupId(group)
                .setSpecialty("pediatrics")
                .setSampleIndex(sample)
                .setPerspective(MEMBERS.get(sample))
                .setCaseRef(new CaseRef("train.jsonl", "ab", "case-1"))
                .setScoringConfigHash("config")
                .setPromptHash("cd")
                .setTokens(List.of(5, 6, sample))
                .setLogprobs(List.of(-.1f, -.2f, -.3f))
                .setSpans(List.of(new Span(0, 3, 2L, "ef")))
                .setText("<answer>A</answer>")
                .setFinishReason(sample == 3 ? FinishReason.LENGTH : FinishReason.STOP)
                .setTemperature(1.0)
                .setWorker("w")
                .setDeliveryCount(1)
                .setSampledMs(3L)
                .setCreatedMs(CREATED + sample)
                .build();
    }

    public static String id(int sample) {
        return "t" + sample;
    }

    public static Scores scores(String group, int sample) {
        return scores(group, sample, id(sample), ACCURACY[sample]);
    }

    public static Scores scores(String group, int sample, String id, double accuracy) {
        List<Score> scores = new ArrayList<>();
        scores.add(score("accuracy", accuracy));
        scores.add(score("format", FORMAT[sample]));
        if (!MEMBERS.get(sample).equals("none")) {
            scores.add(score(MEMBERS.get(sample), GUIDELINE[sample]));
        }
        return scores(group, sample, id, scores);
    }

    public static Scores scores(String group, int sample, String id, List<Score> scores) {
        return new Scores(id, group, sample, "config", scores, CREATED);
    }

    public static Score score(String scorer, double value) {
        return entry(scorer).setValue(value).build();
    }

    public static Score unscored(String scorer, String reason) {
        return entry(scorer).setUnscoredReason(reason).build();
    }

    private static Score.Builder entry(String scorer) {
        return Score.newBuilder().setScorer(scorer).setScorerVersion("v1");
    }
}
