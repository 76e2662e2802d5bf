package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.http;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.http.HttpType.HttpKeys;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.TestSeed;
import ai.consilium.testing.WithKafka;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a scorer does, it takes no trajectory with it; and a slow one is asked for many at a time. */
class MisbehavingScorerIT {
    private static final int TRAJECTORIES = 2000;
    private static final int KINDS = 11;
    private static final int HUGE = 100 << 20;

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenEveryKindOfMisbehaviourWhenScoredThenEachTrajectoryEndsScoredOrUnscoredWithAReason(@TempDir Path data)
            throws Exception {
        Random random = new Random(TestSeed.of(MisbehavingScorerIT.class));
        try (RewardRig rig = new RewardRig(cluster.run("adult_medicine"), data);
                StubScorer rogue = new StubScorer((server, exchange, question) -> {
                    int kind;
                    synchronized (random) {
                        kind = random.nextInt(KINDS);
                    }
                    misbehave(kind, server, exchange);
                })) {
            RewardConfig config = config(new HttpKeys(rogue.url(), null, Duration.ofMillis(250), 1, null));
            String plan = rig.publish(config);
            rig.sendMany("g", TRAJECTORIES, plan);

            try (RewardService service = rig.service("one", config)) {
                List<Scores> all = rig.untilDecided(TRAJECTORIES);

                assertThat(all).hasSize(TRAJECTORIES);
                Map<String, Integer> ends = new TreeMap<>();
                for (Scores record : all) {
                    assertThat(record.getScores()).extracting(Score::getScorer).containsExactly("accuracy", "rogue");
                    Score score = record.getScores().get(1);
                    if (score.getValue() == null) {
                        assertThat(score.getUnscoredReason()).isNotBlank();
                        ends.merge(score.getUnscoredReason(), 1, Integer::sum);
                    } else {
                        // It never says 0: a 0 would be a failure's.
                        assertThat(score.getValue()).isEqualTo(0.5);
                        ends.merge("scored", 1, Integer::sum);
                    }
                }
                System.out.println(ends);
                assertThat(ends.get("scored")).isPositive();
                assertThat(service.threads().get(0).failure()).isEmpty();
            }
        }
    }

    private static void misbehave(int kind, StubScorer server, HttpExchange exchange)
            throws IOException, InterruptedException {
        switch (kind) {
            case 0 -> StubScorer.reply(exchange, 500, "sorry");
            case 1 -> server.hang(60_000);
            case 2 -> exchange.close();
            case 3 -> StubScorer.reply(exchange, 200, "{\"score\": 0.5");
            case 4 -> StubScorer.reply(exchange, 200, "{\"score\": 5}");
            case 5 -> StubScorer.reply(exchange, 200, "{\"score\": NaN}");
            case 6 -> StubScorer.reply(exchange, 200, "{\"trajectory_id\": \"another\", \"score\": 0.5}");
            case 7 -> StubScorer.reply(exchange, 200, "{\"score\": 0.5}{\"score\": 0.5}");
            case 8 -> huge(exchange);
            case 9 -> drip(server, exchange);
            default -> StubScorer.reply(exchange, 200, "{\"score\": 0.5}");
        }
    }

    private static void huge(HttpExchange exchange) throws IOException {
        byte[] piece = new byte[1 << 16];
        exchange.sendResponseHeaders(200, 0);
        for (int sent = 0; sent < HUGE; sent += piece.length) {
            exchange.getResponseBody().write(piece);
        }
    }

    private static void drip(StubScorer server, HttpExchange exchange) throws IOException, InterruptedException {
        exchange.sendResponseHeaders(200, 0);
        while (true) {
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
            server.hang(20);
        }
    }

    @Test
    void givenAScorerThatTakesAFifthOfASecondWhenScoredThenManyAreAskedAtATime(@TempDir Path data) throws Exception {
        int warm = 128;
        int count = 1920;
        long millis = 200;
        try (RewardRig rig = new RewardRig(cluster.run("adult_medicine"), data);
                StubScorer slow = StubScorer.after(millis)) {
            RewardConfig config = config(new HttpKeys(slow.url(), null, Duration.ofSeconds(30), 1, null));
            String plan = rig.publish(config);
            try (RewardService service = rig.service("one", config)) {
                rig.sendMany("warm", warm, plan);
                rig.untilDecided(warm);
                long begin = System.nanoTime();
                rig.sendMany("g", count, plan);
                rig.untilDecided(warm + count);
                double tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                System.out.printf(
                        "%d trajectories, a scorer that takes %d ms, %d requests at a time: %.0f ms, %.0f times serial%n",
                        count, millis, config.concurrency(), tookMs, count * millis / tookMs);

                assertThat(slow.asked()).isGreaterThanOrEqualTo(warm + count);
                assertThat(service.threads().get(0).failure()).isEmpty();
            }
        }
    }

    private static RewardConfig config(HttpKeys keys) {
        return new RewardConfig(
                "gba",
                new RewardConfig.Advantage(1, 0.2, 0.5, 0.5, true, false, true, true),
                List.of(check("accuracy"), http("rogue", true, keys)),
                "",
                new HttpDefaults(Duration.ofSeconds(2), 1, Duration.ofMillis(10), 4096, List.of()),
                128,
                256,
                1024,
                new RewardConfig.Breaker(10, Duration.ofMillis(50), Duration.ofMinutes(1)),
                Duration.ofSeconds(5),
                "");
    }
}
