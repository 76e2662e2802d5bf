package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.prompt.Perspective;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.rollout.groups.RecordBudget;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SchedulerConfigTest {
    @Test
    void givenFiveStrataOfTwoWhenMembersAreAskedThenTheyStandInStrataOrder() {
        assertThat(config(10, 40, Perspective.ALL).members(0))
                .containsExactly(
                        "differential",
                        "differential",
                        "intuitive",
                        "intuitive",
                        "analytical",
                        "analytical",
                        "bayesian",
                        "bayesian",
                        "none",
                        "none");
    }

    @Test
    void givenAnUnevenGroupWhenMembersAreAskedThenEveryStratumHasTwoAtLeast() {
        for (int size = 10; size <= 25; size++) {
            Map<String, Long> counts = config(size, 40, Perspective.ALL).members(0).stream()
                    .collect(Collectors.groupingBy(p -> p, TreeMap::new, Collectors.counting()));
            assertThat(counts)
                    .hasSize(5)
                    .allSatisfy((perspective, n) -> assertThat(n).isGreaterThanOrEqualTo(2));
        }
    }

    @Test
    void givenFewerPerspectivesPerGroupWhenMembersAreAskedThenGroupsTakeThemInTurn() {
        SchedulerConfig one = config(2, 40, Perspective.ALL, 1);
        assertThat(IntStream.range(0, 6).mapToObj(one::members))
                .containsExactly(
                        List.of("differential", "differential"),
                        List.of("intuitive", "intuitive"),
                        List.of("analytical", "analytical"),
                        List.of("bayesian", "bayesian"),
                        List.of("none", "none"),
                        List.of("differential", "differential"));

        SchedulerConfig two = config(5, 40, Perspective.ALL, 2);
        assertThat(two.members(2)).containsExactly("none", "none", "none", "differential", "differential");
    }

    @Test
    void givenAWrongValueWhenMadeThenTheKeyIsNamed() {
        assertRefused(
                () -> config(20, 40, Perspective.ALL, 6),
                "perspectives_per_group must be between 0 (all) and the number of perspectives, 5, not 6");
        assertRefused(
                () -> config(9, 40, Perspective.ALL),
                "group_size 9 is too small: a group needs at least two samples of each of its perspectives, of which there are 5");
        assertRefused(() -> config(4, 40, List.of("none", "none")), "perspectives contains duplicates: [none, none]");
        assertRefused(() -> config(4, 40, List.of()), "perspectives must name at least one");
        assertRefused(() -> config(4, 0, List.of("none")), "max_completion_tokens must be at least 1, not 0");
        assertRefused(() -> new SchedulerConfig.Sampling(0, 4), "temperature must be above 0");
        assertRefused(() -> SchedulerConfigs.scheduler(0, 1, 1), "batch_size must be at least 1, not 0");
        assertRefused(() -> SchedulerConfigs.scheduler(1, -1, 1), "max_off_policy_steps must be at least 0, not -1");
        assertRefused(
                () -> new SchedulerConfig.Staleness("ignore", 2, 1), "strategy must be wait or drop, not 'ignore'");
        assertRefused(
                () -> new SchedulerConfig.Staleness("drop", 0.5, 1), "oversampling must be between 1 and 100, not 0.5");
        assertRefused(() -> SchedulerConfigs.scheduler(1, 1, 0), "steps must be at least 1, not 0");
    }

    @Test
    void givenAGroupThatCouldExceedTheRecordLimitWhenMadeThenItIsRefusedByName() {
        config(10, 10_000, Perspective.ALL);

        assertRefused(
                () -> config(10, 16_384, Perspective.ALL),
                "group_size 10 with sampling.max_completion_tokens 16384 allows a training group of 1335296 bytes, "
                        + "above the record limit of 983040 bytes");
    }

    @Test
    void givenTheLargestGroupWhenWrittenThenItIsNoLargerThanTheEstimate() throws IOException {
        assertThat((long) TrainingGroup.getEncoder().encode(largest(16, 3000)).remaining())
                .isLessThanOrEqualTo(RecordBudget.largestTrainingGroup(16, 3000));
        assertThat((long) TrainingGroup.getEncoder().encode(largest(64, 1)).remaining())
                .isLessThanOrEqualTo(RecordBudget.largestTrainingGroup(64, 1));
    }

    private static TrainingGroup largest(int groupSize, int tokens) {
        String hash = "f".repeat(64);
        Map<String, Double> parts = IntStream.range(0, 24)
                .boxed()
                .collect(Collectors.toMap(i -> "a-guideline-with-a-long-name-" + i, i -> 1.0 / 3));
        Member member = Member.newBuilder()
                .setTrajectoryId(hash)
                .setSampleIndex(groupSize)
                .setPerspective("differential")
                .setPromptHash(hash)
                .setTokens(Collections.nCopies(tokens, 151_664))
                .setLogprobs(Collections.nCopies(tokens, -1.25f))
                .setSpans(List.of(new Span(0, tokens, 1000L, hash), new Span(0, tokens, 1001L, hash)))
                .setTruncated(true)
                .setAdvantage(1.5)
                .setParts(parts)
                .build();
        return TrainingGroup.newBuilder()
                .setGroupId("oncology_surgery-1000000")
                .setSpecialty("oncology_surgery")
                .setCaseRef(new CaseRef("train.jsonl", hash, "a-case-id-of-some-length"))
                .setScoringConfigHash(hash)
                .setEstimator("gba")
                .setGroupSize(groupSize)
                .setMembers(Collections.nCopies(groupSize, member))
                .setTemperature(1)
                .setClosed(Closing.COMPLETE)
                .setMissing(List.of())
                .setSuperseded(0)
                .setCapResidual(0)
                .setCreatedMs(Long.MAX_VALUE)
                .build();
    }

    private static SchedulerConfig config(int groupSize, int maxTokens, List<String> perspectives) {
        return config(groupSize, maxTokens, perspectives, 0);
    }

    private static SchedulerConfig config(int groupSize, int maxTokens, List<String> perspectives, int perGroup) {
        return new SchedulerConfig(
                groupSize,
                new TrainingPlan(1, 100, 16, 1),
                SchedulerConfigs.WAIT,
                0,
                "none",
                0,
                perspectives,
                perGroup,
                new SchedulerConfig.Sampling(1, maxTokens),
                Duration.ofMinutes(2));
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable making, String message) {
        assertThatThrownBy(making).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }
}
