package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.rubric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.scorer.builtin.RubricType;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GamingAlarmIT {
    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    private Path data;

    @Test
    void givenSamplesThatLearnAWordInsteadOfTheGuidelineThenAnEventSaysSo() throws Exception {
        Files.writeString(data.resolve("word.yaml"), """
                name: word
                criteria:
                  - {kind: mentions, words: [lactate], weight: 1}
                """);
        Files.writeString(data.resolve("held-out.yaml"), """
                name: held-out
                criteria:
                  - {kind: max_words, limit: 3, weight: 1}
                """);
        ScorerConfig shadow =
                new ScorerConfig("held-out", "rubric", false, true, new RubricType.RubricKeys("held-out.yaml", null));
        RewardConfig config = config(check("accuracy"), rubric("word", "word.yaml"), shadow);
        try (RewardRig rig = new RewardRig(cluster.run("adult_medicine"), data);
                RewardService service = rig.service("a", config)) {
            assertThat(service.threads()).isNotEmpty();
            String plan = rig.publish(config);
            for (int version = 0; version < 22; version++) {
                String thought = version < 10 ? "urea high" : "lactate lactate lactate lactate";
                rig.send(Trajectory.newBuilder(rig.trajectory("g-" + version, "none", plan))
                        .setText("<think> " + thought + " </think> <answer> ward </answer> <|im_end|>")
                        .setSpans(List.of(new Span(0, 2, (long) version, "adapter")))
                        .build());
                // In the order of the log.
                rig.untilDecided(version + 1);
            }

            List<String> told = new ArrayList<>();
            try (LogReader<RunEvent> events = new LogReader<>(
                    rig.run().kafka(), Topics.RUN_EVENTS, RunEvent.class, UnusableRecords.LOGGED, null, Map.of())) {
                await().atMost(RewardRig.PATIENCE).until(() -> {
                    events.poll(Duration.ofMillis(100))
                            .forEach(event -> told.add(event.value().getMessage()));
                    return !told.isEmpty();
                });
            }
            assertThat(told)
                    .containsExactly(
                            "alarm: adult_medicine may be gaming its guidelines: trained guidelines 0.00 to 1.00,"
                                    + " shadow 1.00 to 0.00 within 20 steps; shadow held-out");
        }
    }
}
