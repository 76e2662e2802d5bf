package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of one process a role whose stream and learner stand still, whose disk fills, and whose log holds an adapter of another
 * model: each is named, and the first three end when their cause does.
 */
class StoppedRolesIT {
    private static final int DISK_MIB = 96;
    private static final int BALLAST_MIB = 64;

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    /** @param minFreeMib below it a disk is called full */
    private static String settings(int minFreeMib) {
        return """
                steps: 100000
                monitor: {watch: {absent_after: 6s, min_free_mib: %d}}
                """.formatted(minFreeMib);
    }

    @Test
    void givenARunThatLearnsWhenItsStreamOrLearnerStandsStillOrAnAdapterDoesNotFitThenTheCauseIsNamed()
            throws Exception {
        try (WatchedRun run = new WatchedRun(cluster, directory, "stopped", settings(0))) {
            List.of("scheduler", "monitor", "advantage", "reward", "merger", "learner", "rollout")
                    .forEach(run::start);
            run.untilTrained();
            run.untilQuiet();

            run.process("advantage").pause();
            run.untilAlarmed("advantage_stuck");
            run.untilAlarmed("no_advantage_stream");
            assertThat(run.alarm("no_advantage_stream").path("text").asText())
                    .contains("no group is closed", "advantage-advantage was last heard of");
            run.process("advantage").resume();
            run.untilQuiet();
            run.untilTrained();

            run.process("learner").pause();
            run.untilAlarmed("no_learner");
            assertThat(run.alarm("no_learner").path("text").asText()).contains("learner-learner was last heard of");
            run.process("learner").resume();
            run.untilQuiet();
            run.untilTrained();

            publishWhatDoesNotFit();
            run.untilAlarmed("adapter_mismatch");
            assertThat(run.alarm("adapter_mismatch").path("text").asText())
                    .contains("worker rollout-rollout", "pediatrics version", "lacks tensor");
            System.out.println("StoppedRolesIT: seconds until named: " + run.delays());
        }
    }

    /** As a learner with another base would: a version that is whole, with fewer layers than the workers' model has. */
    private static void publishWhatDoesNotFit() {
        KafkaClients kafka = cluster.clients("stopped");
        PolicyTable policies = PolicyTable.of(SmallRun.SPECIALTIES);
        PolicyUpdate newest = newest(kafka);
        try (AdapterLog<Adapter> adapters = new AdapterLog<>(
                        kafka, policies, Adapter::fromSafetensors, Adapter::hash, Adapter::beside, FastSha256::digest);
                Producer<String, SpecificRecord> producer = kafka.producer("another-learner")) {
            Adapter fits = adapters.fetch(newest);
            SortedMap<String, HostTensor> tensors = new TreeMap<>();
            fits.tensors().forEach((name, tensor) -> tensors.put(name.replace("layers.0.", "layers.9."), tensor));
            Adapter other = new Adapter(fits.rank(), fits.alpha(), fits.targets(), tensors);
            // Ahead of what the learner publishes meanwhile.
            long version = newest.getVersion() + 1000;
            byte[] file = other.toSafetensors();
            List<ProducerRecord<String, SpecificRecord>> chunks =
                    new AdapterRecords(kafka, policies, FastSha256::digest).chunks("pediatrics", version, file);
            chunks.forEach(chunk -> producer.send(chunk));
            PolicyUpdate update = PolicyUpdate.newBuilder(newest)
                    .setVersion(version)
                    .setAdapterHash(other.hash())
                    .setChunks(chunks.size())
                    .setAdapterBytes(file.length)
                    .build();
            producer.send(new ProducerRecord<>(kafka.topic(Topics.POLICY_UPDATES), 0, "pediatrics", update));
            producer.flush();
        }
    }

    private static PolicyUpdate newest(KafkaClients kafka) {
        return RunOnDisk.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class).stream()
                .filter(update -> update.getSpecialty().equals("pediatrics"))
                .max(Comparator.comparing(PolicyUpdate::getVersion))
                .orElseThrow();
    }

    /** A disk of its own, of memory; where none may be mounted, nothing is shown. */
    @Test
    void givenADiskThatFillsThenItIsNamedUntilThereIsRoom() throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(
                execute("mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "tmpfs", disk.toString()),
                "a disk of memory cannot be mounted here: skipped");
        try (WatchedRun run = new WatchedRun(cluster, directory, "full", settings(BALLAST_MIB))) {
            // Two are enough: the others are missed meanwhile, and named too.
            run.start("scheduler", disk.resolve("scheduler"));
            run.start("monitor");

            run.untilAlarmed("no_learner");
            assertThat(run.causes()).doesNotContain("disk_full");
            Path ballast = disk.resolve("ballast");
            Files.write(ballast, new byte[BALLAST_MIB << 20]);
            run.untilAlarmed("disk_full");
            assertThat(run.alarm("disk_full").path("subject").asText())
                    .isEqualTo("the run directory of scheduler-scheduler");

            Files.delete(ballast);
            run.untilGone("disk_full");
            System.out.println("StoppedRolesIT: seconds until named: " + run.delays());
        } finally {
            assertThat(execute("umount", "-l", disk.toString())).isTrue();
        }
    }

    private static boolean execute(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException notThere) {
            return false;
        }
    }
}
