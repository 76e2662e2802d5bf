package ai.consilium.benchmarks.stream;

import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Trajectory;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Records of the size of real ones, for {@link StreamBenchmark}: groups of 8 samples, 512 tokens each, scored by five scorers. */
final class SyntheticGroups {
    /** Samples of a group. */
    static final int SIZE = 8;

    private static final int TOKENS = 512;
    private static final int COMPLETIONS = 256;
    private static final int VOCABULARY = 151_936;
    private static final String CONFIG = "0".repeat(64);
    private static final List<String> SCORERS =
            List.of("accuracy", "format", "differential", "intuitive", "analytical");
    private static final CaseRef CASE = new CaseRef("train.jsonl", "0".repeat(64), "case-1");

    /** As long as a real one. */
    private static final String SCORER_VERSION = "0".repeat(64);

    private final Random random;
    private final String specialty;
    private final List<Completion> completions;
    private int next;

    /** What a sample says. As many are drawn as no block of compression sees twice. */
    private record Completion(List<Integer> tokens, List<Float> logprobs, String text) {
        static Completion draw(Random random) {
            List<Integer> tokens = random.ints(TOKENS, 0, VOCABULARY).boxed().toList();
            String text = tokens.stream()
                    .map(token -> Integer.toString(token, Character.MAX_RADIX))
                    .collect(Collectors.joining(" "));
            return new Completion(
                    tokens, random.doubles(TOKENS).mapToObj(d -> (float) -d).toList(), text);
        }
    }

    SyntheticGroups(String specialty, long seed) {
        this.random = new Random(seed);
        this.specialty = specialty;
        this.completions = Stream.generate(() -> Completion.draw(random))
                .limit(COMPLETIONS)
                .toList();
    }

    /** What the groups are scored by: every scorer is required, and scores every trajectory. */
    static ScoringConfig config() {
        List<ScorerRef> scorers = SCORERS.stream()
                .map(name -> ScorerRef.newBuilder()
                        .setName(name)
                        .setVersion(SCORER_VERSION)
                        .setComponent(component(name))
                        .setRequired(true)
                        .setShadow(false)
                        .build())
                .toList();
        return new ScoringConfig(
                CONFIG, "gba", Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5), scorers, "{}");
    }

    private static Component component(String scorer) {
        return switch (scorer) {
            case "accuracy" -> Component.ACCURACY;
            case "format" -> Component.FORMAT;
            default -> Component.GUIDELINE;
        };
    }

    Prompt prompt(String group) {
        return Prompt.newBuilder()
                .setGroupId(group)
                .setSpecialty(specialty)
                .setCaseRef(CASE)
                .setMembers(Collections.nCopies(SIZE, "differential"))
                .setSampling(new Sampling(1.0, TOKENS))
                .setGroupSeed(1)
                .setDeadlineMs(Long.MAX_VALUE)
                .setScoringConfigHash(CONFIG)
                .setAdmittedAtVersion(0)
                .setCreatedMs(1)
                .build();
    }

    Trajectory trajectory(String group, int sample) {
        Completion completion = completions.get(next++ % COMPLETIONS);
        return Trajectory.newBuilder()
                .setTrajectoryId(id(group, sample))
                .setGroupId(group)
                .setSpecialty(specialty)
                .setSampleIndex(sample)
                .setPerspective("differential")
                .setCaseRef(CASE)
                .setScoringConfigHash(CONFIG)
                .setPromptHash("0".repeat(64))
                .setTokens(completion.tokens())
                .setLogprobs(completion.logprobs())
                .setSpans(List.of(new Span(0, TOKENS, 0L, "0".repeat(64))))
                .setText(completion.text())
                .setFinishReason(FinishReason.STOP)
                .setTemperature(1.0)
                .setWorker("bench")
                .setDeliveryCount(1)
                .setSampledMs(1)
                .setCreatedMs(1)
                .build();
    }

    /** Accuracy varies within every group, so that none is filtered. */
    Scores scores(String group, int sample) {
        List<Score> scores = SCORERS.stream()
                .map(name -> Score.newBuilder()
                        .setScorer(name)
                        .setScorerVersion(SCORER_VERSION)
                        .setValue(name.equals("accuracy") ? sample % 2 : random.nextDouble())
                        .setEvidence(
                                Stream.of("criterion met", "criterion not met").toList())
                        .setLatencyMs(1)
                        .build())
                .toList();
        return new Scores(id(group, sample), group, sample, CONFIG, scores, 1L);
    }

    /** As long as a real one: a SHA-256 in hex. */
    private static String id(String group, int sample) {
        return (group + "-" + sample + "0".repeat(64)).substring(0, 64);
    }
}
