package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.S3Server;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Learners in processes of their own that share their checkpoints in a bucket: each specialty is trained by the one that holds
 * its lease, and whatever happens to that one the weights come out bit for bit as those of a run that nobody disturbed.
 */
class TakeoverIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final List<String> SPECIALTIES = Clinic.SPECIALTIES;
    private static final LearnerTask TASK = LearnerProcess.task(SPECIALTIES.get(0), BATCH, STEPS);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static S3Server store;
    private static Path shared;
    /** Enough for a whole run of all specialties, sampled with version 0. */
    private static List<TrainingGroup> groups;

    private static List<PolicyUpdate> undisturbed;

    @TempDir
    private Path directory;

    private final List<SharedLearnerProcess> processes = new ArrayList<>();

    @BeforeAll
    static void record(@TempDir Path rigs) throws Exception {
        store = S3Server.start();
        shared = rigs;
        RunContext run = run();
        try (LearnerRig rig = new LearnerRig(shared);
                LearnerService learner = new LearnerService(
                        run,
                        SPECIALTIES,
                        LearnerConfigs.tiny(2),
                        TASK,
                        rig.inputs(shared.resolve("undisturbed")),
                        FaultPoint.Plan.NONE)) {
            learner.start();
            groups = new ArrayList<>();
            for (String specialty : SPECIALTIES) {
                PolicyUpdate start = LearnerLog.awaitVersion(run, specialty, 0);
                for (int i = 0; i < STEPS * BATCH; i++) {
                    groups.add(rig.sample(run, specialty + "-" + i, specialty, List.of(start)));
                }
            }
            LearnerLog.publish(run, groups);
            LearnerRig.awaitEnd(learner);
            undisturbed = LearnerLog.updates(run);
        }
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    @AfterEach
    void stopWhatRuns() {
        processes.forEach(SharedLearnerProcess::close);
    }

    private static RunContext run() {
        return cluster.run(SPECIALTIES.toArray(String[]::new));
    }

    private SharedLearnerProcess start(String name, RunContext run, String fault) throws Exception {
        SharedLearnerProcess process =
                SharedLearnerProcess.start(name, run, TASK, shared, directory, store, fault, false);
        processes.add(process);
        return process;
    }

    @Test
    void givenFourLearnersWhenOneIsKilledAndItsDiskIsLostThenAnotherTakesItsSpecialtyOverAndEndsWithTheSameBits()
            throws Exception {
        // given four learners, each with a lease, one of which stands between a checkpoint and its publication
        RunContext run = run();
        SharedLearnerProcess victim = start("a", run, "CHUNKS@2");
        for (String name : List.of("b", "c", "d")) {
            start(name, run, "");
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(leases(run))
                        .as(said())
                        .hasSize(SPECIALTIES.size())
                        .allSatisfy(of -> assertThat(of).hasSize(1)));
        LearnerLog.publish(run, groups);
        await().atMost(PATIENCE).until(victim::stands);

        // when
        victim.loseForGood();

        // then
        for (SharedLearnerProcess process : processes) {
            if (process != victim) {
                assertThat(process.await()).as(process.said()).isZero();
            }
        }
        assertUndisturbed(run);
        List<PolicyUpdate> updates = LearnerLog.updates(run);
        Set<String> his = policiesOf(updates, "learner/a", 1);
        assertThat(his).as("specialties whose version 1 the lost learner made").isNotEmpty();
        assertThat(policiesOf(updates, "learner/a", 2)).isEmpty();
        assertThat(policiesOf(updates, "learner/a", STEPS)).isEmpty();
        assertThat(updates).filteredOn(update -> update.getVersion() == 1).hasSize(SPECIALTIES.size());
        // The start that all share was made by one.
        assertThat(updates)
                .filteredOn(update -> update.getSpecialty().equals(Topics.UNIFIED))
                .hasSize(1);
    }

    @Test
    void givenALearnerThatIsNotHeardForAWhileWhenItComesBackThenItStandsByAndFencesNobody() throws Exception {
        // given two learners, of which one stops for longer than its leases last
        RunContext run = run();
        SharedLearnerProcess silent = start("a", run, "");
        SharedLearnerProcess other = start("b", run, "");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(leases(run))
                        .as(said())
                        .hasSize(2)
                        .allSatisfy(of -> assertThat(of).hasSize(SPECIALTIES.size() / 2)));
        for (String specialty : SPECIALTIES) {
            LearnerLog.awaitVersion(run, specialty, 0);
        }
        silent.signal("STOP");

        // when the other has taken all over and gone on with it
        LearnerLog.publish(run, groups.stream().filter(TakeoverIT::early).toList());
        for (String specialty : SPECIALTIES) {
            LearnerLog.awaitVersion(run, specialty, 1);
        }
        silent.signal("CONT");
        LearnerLog.publish(run, groups.stream().filter(group -> !early(group)).toList());

        // then both end as they should
        assertThat(other.await()).as(other.said()).isZero();
        assertThat(silent.await()).as(silent.said()).isZero();
        assertUndisturbed(run);
    }

    /** Whether a group is of the first step. */
    private static boolean early(TrainingGroup group) {
        String id = group.getGroupId();
        return Integer.parseInt(id.substring(id.lastIndexOf('-') + 1)) < BATCH;
    }

    private String said() {
        return processes.stream()
                .map(process -> process.name() + ": " + process.said())
                .collect(Collectors.joining("\n"));
    }

    /** Policies by who holds their leases, as the broker tells. */
    private static List<Set<String>> leases(RunContext run) throws InterruptedException {
        String group = run.kafka().group("learner");
        try (Admin admin = run.kafka().admin()) {
            ConsumerGroupDescription described = admin.describeConsumerGroups(List.of(group))
                    .all()
                    .get()
                    .values()
                    .iterator()
                    .next();
            return described.groupState() != GroupState.STABLE
                    ? List.of()
                    : described.members().stream()
                            .map(member -> policies(member, run.policies()))
                            .toList();
        } catch (ExecutionException e) {
            // The group is there when its first member is.
            assertThat(e).hasCauseInstanceOf(GroupIdNotFoundException.class);
            return List.of();
        }
    }

    private static Set<String> policies(MemberDescription member, PolicyTable table) {
        return member.assignment().topicPartitions().stream()
                .map(partition -> table.policies().get(partition.partition()))
                .collect(Collectors.toSet());
    }

    private static Set<String> policiesOf(List<PolicyUpdate> updates, String writer, long version) {
        return updates.stream()
                .filter(update -> update.getWriter().equals(writer) && update.getVersion() == version)
                .map(PolicyUpdate::getSpecialty)
                .collect(Collectors.toSet());
    }

    /** Every version has the bits that it had there, and each group was trained on once. */
    private static void assertUndisturbed(RunContext run) {
        assertThat(versions(LearnerLog.updates(run))).containsExactlyInAnyOrderElementsOf(versions(undisturbed));
        List<GroupOutcome> outcomes = LearnerLog.outcomes(run);
        assertThat(outcomes).extracting(GroupOutcome::getOutcome).containsOnly(Outcome.TRAINED);
        assertThat(outcomes)
                .extracting(GroupOutcome::getGroupId)
                .containsExactlyInAnyOrderElementsOf(
                        groups.stream().map(TrainingGroup::getGroupId).toList());
    }

    private static List<String> versions(List<PolicyUpdate> updates) {
        return updates.stream()
                .map(update ->
                        "%s %d %s".formatted(update.getSpecialty(), update.getVersion(), update.getAdapterHash()))
                .toList();
    }
}
