package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.testing.TestSeed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole embedded process is killed at random moments, of its start, its training and its end, and resumed each time. A
 * run that ends before its next kill is checked, and the kills go on in another. {@code consilium.run.kills} is their number.
 */
@Tag("kill")
class KilledRunIT {
    private static final int KILLS = Integer.getInteger("consilium.run.kills", 3);
    private static final int STEPS = 4;
    private static final int BATCH = 2;
    private static final int EXAMINED_EVERY = 2;
    private static final int EXAMINED_ON = 2;
    /** Longest time between two kills, from the moment that the broker serves. */
    private static final Duration LONGEST = Duration.ofSeconds(8);

    private final Random random = new Random(TestSeed.of(KilledRunIT.class));
    private final long firstStart = System.nanoTime();
    private int kills;
    private int killedWhileStarting;
    private int runs;
    private int processes;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenKillsAtRandomMomentsWhenTheRunIsResumedEachTimeThenItEndsAndNoGroupIsTrainedTwice() throws Exception {
        while (kills < KILLS) {
            Path run = directory.resolve("run-" + ++runs);
            endOneRun(run);
            check(run);
        }
        System.out.printf(
                "KilledRunIT: %d kills (%d before the run had started), %d runs, %d processes, %d s%n",
                kills,
                killedWhileStarting,
                runs,
                processes,
                Duration.ofNanos(System.nanoTime() - firstStart).toSeconds());
    }

    /** One run in two goes on for a second round, the first among them. */
    private int rounds() {
        return 1 + runs % 2;
    }

    /** Of those with a second round every other folds the agent of the first into its base. */
    private boolean folds() {
        return runs % 4 == 1;
    }

    /** Kills and resumes until the run ends, or until all kills are done. */
    private void endOneRun(Path run) throws InterruptedException {
        boolean ended = false;
        while (!ended) {
            String name = "process-" + ++processes;
            boolean begun = Files.exists(run.resolve("config.yaml"));
            try (RunProcess train = begun ? resume(run, name) : start(run, name)) {
                if (kills == KILLS) {
                    train.succeed();
                    ended = true;
                } else {
                    ended = endsBeforeItIsKilled(train);
                }
            }
        }
    }

    private boolean endsBeforeItIsKilled(RunProcess train) throws InterruptedException {
        // One kill in four comes while the process starts, the broker's recovery among it.
        boolean early = random.nextInt(4) == 0;
        if (!early) {
            train.awaitAnnounced("live page");
        }
        Duration moment = Duration.ofMillis(random.nextLong(LONGEST.toMillis()));
        if (train.endsWithin(moment)) {
            train.succeed();
            return true;
        }
        boolean starting = train.announced("live page").isEmpty();
        train.kill();
        assertThat(train.exit()).isNotZero();
        kills++;
        killedWhileStarting += starting ? 1 : 0;
        return false;
    }

    private RunProcess start(Path run, String name) {
        return RunProcess.start(
                directory,
                name,
                Map.of(),
                "train",
                "--config",
                SmallRun.configuration(directory).toString(),
                "--set",
                "steps=" + STEPS,
                "--set",
                "rounds=" + rounds(),
                "--set",
                "fold_agent=" + folds(),
                "--set",
                "eval.interval=" + EXAMINED_EVERY,
                "--set",
                "eval.cases=" + EXAMINED_ON,
                "--set",
                "ckpt.keep_best=true",
                "--clean",
                "--run-dir",
                run.toString());
    }

    private RunProcess resume(Path run, String name) {
        return RunProcess.start(directory, name, Map.of(), "train", "--resume", "--run-dir", run.toString());
    }

    private void check(Path run) throws Exception {
        var accounting = SmallRun.describe(run);
        System.out.println("KilledRunIT: run " + runs + " after " + kills + " kills: prompts "
                + accounting.path("prompts") + ", outcomes " + accounting.path("outcomes"));
        SmallRun.assertBalanced(accounting, rounds() * SmallRun.trained(STEPS, BATCH));
        // Of the first round versions 0, 2, 4, of the second 6, 8 and 9; among many kills some pass their deadline.
        long asked = rounds() * 3L * EXAMINED_ON * SmallRun.SPECIALTIES.size();
        long abandoned = accounting.path("outcomes").path("abandoned").asLong();
        assertThat(accounting.path("outcomes").path("examined").asLong())
                .as("examined of %s", accounting)
                .isBetween(asked - abandoned, asked);
        SmallRun.assertTrainedOnce(SmallRun.updates(run), STEPS, SmallRun.CONSOLIDATION_STEPS, rounds());
    }
}
