package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.TestSeed;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/design.md, Promises, 4.1: a learner that is killed with SIGKILL at any named point and comes back ends with the
 * bits of one that nobody disturbed. One run takes a kill at every point, each on the way to another version; {@code
 * consilium.kills} is the number of such runs, each with the points in another order.
 */
@Tag("kill")
class LearnerKillIT {
    private static final int RUNS = Integer.getInteger("consilium.kills", 1);
    private static final int STEPS = FaultPoint.ofEveryStep().size() + 1;
    private static final int BATCH = 2;
    private static final LearnerTask TASK = LearnerProcess.task(Groups.SPECIALTY, BATCH, STEPS);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static LearnerRig rig;
    private static Path shared;
    /** The log: enough groups for a whole run, sampled with a swap of versions in the middle of completions. */
    private static List<TrainingGroup> groups;

    private static List<String> undisturbed;

    @BeforeAll
    static void record(@TempDir Path directory) throws Exception {
        shared = directory;
        rig = new LearnerRig(shared);
        RunContext run = run();
        try (LearnerService learner = rig.learner(run, TASK, shared.resolve("undisturbed"))) {
            groups = rig.train(run, learner, STEPS * BATCH);
        }
        assertThat(groups)
                .as("groups of which a completion is of several versions")
                .filteredOn(group -> group.getMembers().stream()
                        .anyMatch(member -> member.getSpans().size() > 1))
                .hasSize(groups.size() - 2);
        undisturbed = hashes(run);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static RunContext run() {
        return LearnerRig.run(cluster);
    }

    private static List<String> hashes(RunContext run) {
        return LearnerLog.updates(run).stream()
                .map(PolicyUpdate::getAdapterHash)
                .toList();
    }

    @Test
    void givenALearnerThatIsKilledAtEveryPointWhenItIsStartedOnceMoreThenItEndsWithTheSameBits(@TempDir Path directory)
            throws Exception {
        assertThat(undisturbed).hasSize(STEPS + 1).doesNotHaveDuplicates();
        Random random = new Random(TestSeed.of(LearnerKillIT.class));
        for (int run = 0; run < RUNS; run++) {
            List<FaultPoint> points = new ArrayList<>(FaultPoint.ofEveryStep());
            Collections.shuffle(points, random);
            killAtEach(points, directory.resolve("run-" + run));
        }
    }

    private static void killAtEach(List<FaultPoint> points, Path checkpoints) throws IOException, InterruptedException {
        // given a run whose learner is killed once on the way to each version, and before version 0 is published
        RunContext run = run();
        LearnerLog.publish(run, groups);
        LearnerProcess.killAt(FaultPoint.CHUNKS, 0, run, Groups.SPECIALTY, TASK, shared, checkpoints);
        for (int version = 1; version <= points.size(); version++) {
            LearnerProcess.killAt(points.get(version - 1), version, run, Groups.SPECIALTY, TASK, shared, checkpoints);
        }

        // when it is started once more
        try (LearnerService last = rig.learner(run, TASK, checkpoints)) {
            last.start();
            LearnerRig.awaitEnd(last);
            assertThat(last.threads().get(0).failure()).isEmpty();
        }

        // then versions, weights, moments and offsets are those of the run that was never killed, and all groups are
        // accounted for
        assertThat(hashes(run)).containsExactlyElementsOf(undisturbed);
        Checkpoint end = LearnerRig.checkpoint(checkpoints, STEPS);
        Checkpoint expected = LearnerRig.checkpoint(shared.resolve("undisturbed"), STEPS);
        LearnerRig.assertSame(end, expected);
        LearnerLog.assertTrainedOnce(run, groups);
    }
}
