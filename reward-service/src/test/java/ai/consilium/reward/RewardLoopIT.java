package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.http;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.http.HttpType.HttpKeys;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who waits for whom, on a real broker and real HTTP servers. */
class RewardLoopIT {
    private static final RewardConfig.Breaker PATIENT =
            new RewardConfig.Breaker(2, Duration.ofMillis(50), Duration.ofMinutes(5));

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    private static Path data;

    @Test
    void givenAnOptionalScorerThatHangsWhenScoredThenNobodyWaitsAndItsReasonFollows() throws Exception {
        try (RewardRig rig = rig();
                StubScorer hanging = StubScorer.after(600_000)) {
            RewardConfig config = config(
                    64,
                    PATIENT,
                    Duration.ofSeconds(5),
                    check("accuracy"),
                    http("hangs", false, keys(hanging, null, Duration.ofSeconds(2), 0)));
            String plan = rig.publish(config);
            String alone = rig.publish(config(check("accuracy")));
            try (RewardService service = rig.service("one", config)) {
                // The first read case file and scoring configuration.
                decideMs(rig, "warm", plan, 4);
                long aloneMs = decideMs(rig, "alone", alone, 8);
                long besideMs = decideMs(rig, "beside", plan, 12);
                System.out.println(
                        "4 trajectories: " + aloneMs + " ms, beside a scorer that hangs " + besideMs + " ms");

                List<Scores> all = rig.until(seen -> seen.size() == 20);

                assertThat(RewardRig.decided(all))
                        .hasSize(12)
                        .allSatisfy(record -> assertThat(record.getScores())
                                .extracting(Score::getScorer)
                                .containsExactly("accuracy"));
                RewardRig.assertNoMixture(all);
                assertThat(late(all))
                        .hasSize(8)
                        .allSatisfy(score -> assertThat(score.getUnscoredReason())
                                .isIn("no reply within 2000 ms", "down: no reply within 2000 ms"));
                assertThat(service.threads().get(0).failure()).isEmpty();
            }
        }
    }

    /** Time from sending four trajectories to reading the scores of the last. */
    private static long decideMs(RewardRig rig, String prefix, String plan, int decided) {
        long begin = System.nanoTime();
        rig.sendMany(prefix, 4, plan);
        rig.untilDecided(decided);
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    }

    @Test
    void givenARequiredScorerOfAnotherPerspectiveThatHangsWhenScoredThenNeighboursDoNotWaitForIt() throws Exception {
        try (RewardRig rig = rig();
                StubScorer hanging = StubScorer.after(600_000)) {
            RewardConfig config = config(
                    64,
                    PATIENT,
                    Duration.ofSeconds(5),
                    check("accuracy"),
                    http("hangs", true, keys(hanging, "analytical", Duration.ofMinutes(5), 0)));
            String plan = rig.publish(config);
            for (int i = 0; i < 8; i++) {
                rig.send("waits-" + i, "analytical", plan);
                rig.send("free-" + i, "none", plan);
            }
            try (RewardService service = rig.service("one", config)) {
                assertThat(rig.untilDecided(8))
                        .extracting(Scores::getTrajectoryId)
                        .allMatch(id -> id.startsWith("free-"));
                await().until(() -> service.threads().get(0).waitingFor().equals("scorers of 8 trajectories"));
            }
            // What waits is not committed: a crash would lose it.
            assertThat(uncommitted(rig)).isGreaterThanOrEqualTo(8);
        }
    }

    @Test
    void givenScorersThatTakeTwiceThePollIntervalWhenScoredThenTheMemberStaysAndNothingIsDoneTwice() throws Exception {
        KafkaSettings settings = cluster.clients().settings();
        KafkaClients impatient = new KafkaClients(new KafkaSettings(
                settings.bootstrapServers(),
                settings.schemaRegistryUrl(),
                "t" + UUID.randomUUID().toString().substring(0, 8),
                settings.partitions(),
                1,
                Map.of("max.poll.interval.ms", "2000")));
        try (RewardRig rig = new RewardRig(cluster.run(impatient, "adult_medicine"), data);
                StubScorer slow = StubScorer.after(4_000)) {
            RewardConfig config = config(
                    64, PATIENT, Duration.ofSeconds(5), http("slow", true, keys(slow, null, Duration.ofMinutes(1), 0)));
            String plan = rig.publish(config);
            rig.sendMany("slow", 8, plan);
            try (RewardService service = rig.service("one", config)) {
                rig.untilDecided(8);
                rig.sendMany("more", 1, plan);
                List<Scores> all = rig.untilDecided(9);

                assertThat(all).hasSize(9);
                assertThat(slow.asked()).isEqualTo(9);
                assertThat(service.threads().get(0).failure()).isEmpty();
            }
        }
    }

    @Test
    void givenARequiredScorerThatIsDownWhenItComesBackThenIntakeHasPausedItIsNamedAndNothingIsUnscored()
            throws Exception {
        // Bound, so that nobody else gets the port, and not listening, so that whoever connects is refused.
        try (RewardRig rig = rig();
                Socket down = new Socket()) {
            down.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = down.getLocalPort();
            HttpKeys keys = new HttpKeys("http://127.0.0.1:" + port + "/score", null, Duration.ofSeconds(5), 0, null);
            RewardConfig.Breaker watchful = new RewardConfig.Breaker(1, Duration.ofMillis(50), Duration.ofMinutes(5));
            RewardConfig config = config(4, watchful, Duration.ofSeconds(5), http("judge", true, keys));
            String plan = rig.publish(config);
            rig.sendMany("g", 20, plan);
            try (RewardService service = rig.service("one", config)) {
                await().atMost(RewardRig.PATIENCE)
                        .until(() -> service.threads().get(0).waitingFor(), said -> said.contains("down"));
                assertThat(service.threads().get(0).waitingFor())
                        .isEqualTo("scorer judge, which is down (cannot connect)");

                down.close();
                try (StubScorer back = new StubScorer(
                        port, (server, exchange, question) -> StubScorer.reply(exchange, 200, "{\"score\": 0.5}"))) {
                    List<Scores> all = rig.untilDecided(20);

                    assertThat(all)
                            .hasSize(20)
                            .allSatisfy(record -> assertThat(record.getScores())
                                    .extracting(Score::getScorer, Score::getValue)
                                    .containsExactly(tuple("judge", 0.5)));
                    assertThat(back.asked()).isEqualTo(20);
                }
            }
        }
    }

    @Test
    void givenScoresUnderWayWhenASecondServiceJoinsAndTheFirstLeavesThenEveryTrajectoryIsScored() throws Exception {
        try (RewardRig rig = rig();
                StubScorer slow = StubScorer.after(50)) {
            RewardConfig config = config(
                    64, PATIENT, Duration.ofSeconds(5), http("slow", true, keys(slow, null, Duration.ofMinutes(1), 0)));
            String plan = rig.publish(config);
            rig.sendMany("a", 200, plan);
            try (RewardService second = joined(rig, config, plan)) {
                rig.sendMany("c", 50, plan);
                List<Scores> all = rig.untilDecided(300);

                assertThat(all)
                        .allSatisfy(record -> assertThat(record.getScores())
                                .extracting(Score::getValue)
                                .containsExactly(0.5));
                assertThat(second.threads().get(0).failure()).isEmpty();
                await().atMost(RewardRig.PATIENCE).until(() -> uncommitted(rig) == 0);
            }
        }
    }

    private static RewardService joined(RewardRig rig, RewardConfig config, String plan) {
        try (RewardService first = rig.service("one", config)) {
            rig.untilDecided(20);
            RewardService second = rig.service("two", config);
            rig.sendMany("b", 50, plan);
            rig.untilDecided(100);
            assertThat(first.threads().get(0).failure()).isEmpty();
            return second;
        }
    }

    @Test
    void givenScoresThatNobodyWaitsForWhenTheServiceStopsThenTheyAreUnscoredWithThatReason() throws Exception {
        try (RewardRig rig = rig();
                StubScorer hanging = StubScorer.after(600_000)) {
            RewardConfig config = config(
                    64,
                    PATIENT,
                    Duration.ofSeconds(5),
                    check("accuracy"),
                    http("hangs", false, keys(hanging, null, Duration.ofMinutes(5), 0)));
            String plan = rig.publish(config);
            rig.sendMany("g", 3, plan);
            try (RewardService service = rig.service("one", config)) {
                rig.untilDecided(3);
                assertThat(service.threads()).hasSize(1);
            }

            assertThat(late(rig.until(seen -> seen.size() == 6)))
                    .extracting(Score::getScorer, Score::getUnscoredReason)
                    .containsOnly(tuple("hangs", "the reward service stopped before it answered"));
        }
    }

    private static RewardRig rig() {
        return new RewardRig(cluster.run("adult_medicine"), data);
    }

    private static HttpKeys keys(StubScorer server, @Nullable String perspective, Duration timeout, int retries) {
        return new HttpKeys(server.url(), perspective, timeout, retries, null);
    }

    private static List<Score> late(List<Scores> all) {
        return all.stream()
                .flatMap(record -> record.getScores().stream())
                .filter(Score::getLate)
                .toList();
    }

    /** Trajectories on the log that the services have not passed. */
    private static long uncommitted(RewardRig rig) throws Exception {
        KafkaClients kafka = rig.run().kafka();
        try (Admin admin = kafka.admin();
                Consumer<?, ?> consumer = kafka.consumer(Trajectory.class, null, Map.of())) {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(kafka.group("reward"))
                    .partitionsToOffsetAndMetadata()
                    .get();
            List<TopicPartition> partitions = LogReader.partitionsOf(consumer, kafka.topic(Topics.TRAJECTORIES));
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long passed = committed.values().stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
            return ends.values().stream().mapToLong(Long::longValue).sum() - passed;
        }
    }
}
