package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A learner in a JVM of its own, which stands still at a fault point until it is killed from outside with SIGKILL. */
final class LearnerProcess {
    private static final String REACHED = "reached ";
    private static final int KILLED = 128 + 9;
    private static final int PATIENCE_MINUTES = 8;

    /**
     * Starts a learner, waits until it stands at a point on the way to a version, and kills it.
     *
     * @param policy that it trains
     * @param shared directory of the rig
     * @param checkpoints of the run
     */
    static void killAt(
            FaultPoint point,
            long version,
            RunContext run,
            String policy,
            LearnerTask task,
            Path shared,
            Path checkpoints)
            throws IOException, InterruptedException {
        Path errors = checkpoints.resolveSibling(checkpoints.getFileName() + "-" + point + "-" + version + ".log");
        KafkaSettings kafka = run.kafka().settings();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LearnerProcess.class.getName(),
                kafka.bootstrapServers(),
                kafka.schemaRegistryUrl(),
                kafka.prefix(),
                Integer.toString(kafka.partitions()),
                shared.toString(),
                checkpoints.toString(),
                point + "@" + version));
        command.addAll(List.of(
                Integer.toString(task.plan().batchSize()),
                Integer.toString(task.plan().steps()),
                String.join(",", run.specialties()),
                policy));
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        // One that never gets there is killed too, and its output is read to the end.
        CompletableFuture.delayedExecutor(PATIENCE_MINUTES, TimeUnit.MINUTES).execute(process::destroyForcibly);
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            while (line != null && !line.equals(REACHED + point)) {
                line = lines.readLine();
            }
            assertThat(line)
                    .as("%s@%d was not reached: %s", point, version, line == null ? Files.readString(errors) : "")
                    .isNotNull();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor()).isEqualTo(KILLED);
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        String[] fault = arguments[6].split("@");
        KafkaClients clients = new KafkaClients(new KafkaSettings(
                arguments[0], arguments[1], arguments[2], Integer.parseInt(arguments[3]), 1, Map.of()));
        RunContext run = new RunContext(
                arguments[2], "killed", List.of(arguments[9].split(",")), clients, new SimpleMeterRegistry());
        String policy = arguments[10];
        LearnerTask task = task(policy, Integer.parseInt(arguments[7]), Integer.parseInt(arguments[8]));
        try (LearnerRig rig = new LearnerRig(Path.of(arguments[4]));
                LearnerService learner = new LearnerService(
                        run,
                        List.of(policy),
                        LearnerConfigs.tiny(),
                        task,
                        rig.inputs(Path.of(arguments[5])),
                        standStill(FaultPoint.valueOf(fault[0]), Long.parseLong(fault[1])))) {
            learner.start();
            Awaitility.await().forever().until(learner::finished);
        }
    }

    /** A task whose groups never grow stale. */
    static LearnerTask task(String policy, int batchSize, int steps) {
        return new LearnerTask(
                new TrainingPlan(7, steps, batchSize, steps),
                policy.equals(Topics.UNIFIED)
                        ? new ConsolidationPlan(steps, batchSize, 4, steps, 1e-3, .2, 1, 1, "auto")
                        : ConsolidationPlan.NONE,
                ValidationPlan.NONE,
                1,
                false,
                12);
    }

    private static FaultPoint.Plan standStill(FaultPoint point, long version) {
        return (reached, at) -> {
            if (reached == point && at == version) {
                System.out.println(REACHED + point);
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private LearnerProcess() {}
}
