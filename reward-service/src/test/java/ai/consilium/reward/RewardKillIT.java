package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.http;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.reward.scorer.http.HttpType.HttpKeys;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.TestSeed;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Killed at random moments with 500 scores under way. {@code -Pkill} kills more often than the default build. */
@Tag("kill")
class RewardKillIT {
    private static final int KILLS = Integer.getInteger("consilium.kills", 1);
    private static final int A_KILL = 600;

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenKillsAtRandomMomentsThenEveryTrajectoryEndsScored(@TempDir Path data) throws Exception {
        Random random = new Random(TestSeed.of(RewardKillIT.class));
        try (RewardRig rig = new RewardRig(cluster.run("adult_medicine"), data);
                StubScorer slow = StubScorer.after(100)) {
            String plan = rig.publish(RewardProcess.config(
                    check("accuracy"),
                    http("slow", true, new HttpKeys(slow.url(), null, Duration.ofSeconds(20), 1, null))));
            for (int kill = 0; kill < KILLS; kill++) {
                rig.sendMany("g" + kill, A_KILL, plan);
                int before = slow.asked();
                int more = 1 + random.nextInt(A_KILL / 2);
                try (RewardProcess victim =
                        RewardProcess.start(rig.run().kafka().settings(), data)) {
                    await().atMost(RewardRig.PATIENCE)
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> {
                                assertThat(victim.alive()).as("see reward.log").isTrue();
                                return slow.asked() >= before + more;
                            });
                }
            }

            List<Scores> all;
            try (RewardProcess last = RewardProcess.start(rig.run().kafka().settings(), data)) {
                all = rig.untilDecided(KILLS * A_KILL);
                assertThat(last.alive()).as("see reward.log").isTrue();
            }

            assertThat(all)
                    .allSatisfy(record -> assertThat(record.getScores())
                            .extracting(Score::getValue)
                            .doesNotContainNull()
                            .contains(0.5));
            System.out.println(KILLS + " kills: " + all.size() + " records of " + KILLS * A_KILL + " trajectories, "
                    + slow.asked() + " requests");
        }
    }
}
