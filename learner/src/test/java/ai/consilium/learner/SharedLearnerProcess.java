package ai.consilium.learner;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.checkpoint.ObjectCheckpoints;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Location;
import ai.consilium.platform.objects.S3Settings;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.testing.S3Server;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A learner of all specialties in a JVM of its own, which shares its checkpoints with others in a bucket. */
final class SharedLearnerProcess implements AutoCloseable {
    private static final int PATIENCE_MINUTES = 8;

    private final String name;
    private final Path directory;
    private final Process process;

    private SharedLearnerProcess(String name, Path directory, Process process) {
        this.name = name;
        this.directory = directory;
        this.process = process;
    }

    /**
     * Starts one.
     *
     * @param name of its instance, and of its directory
     * @param shared directory of the rig
     * @param fault where it is to stand still, for example {@code CHUNKS@2}, or {@code PART@*} at any version; empty: nowhere
     * @param helps whether learners help each other
     */
    static SharedLearnerProcess start(
            String name,
            RunContext run,
            LearnerTask task,
            Path shared,
            Path directories,
            S3Server store,
            String fault,
            boolean helps)
            throws IOException {
        KafkaSettings kafka = run.kafka().settings();
        Path directory = Files.createDirectories(directories.resolve(name));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SharedLearnerProcess.class.getName(),
                name,
                kafka.bootstrapServers(),
                kafka.schemaRegistryUrl(),
                kafka.prefix(),
                Integer.toString(kafka.partitions()),
                String.join(",", run.specialties()),
                shared.toString(),
                directory.toString(),
                store.settings().endpoint(),
                Integer.toString(task.plan().batchSize()),
                Integer.toString(task.plan().steps()),
                fault,
                Boolean.toString(helps)));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directories.resolve(name + ".log").toFile());
        builder.environment().putAll(store.environment());
        return new SharedLearnerProcess(name, directory, builder.start());
    }

    String name() {
        return name;
    }

    /** Whether it stands still where it was to. */
    boolean stands() {
        return said().contains("standing still");
    }

    String said() {
        try {
            return Files.readString(directory.resolveSibling(name + ".log"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL, and its disk is lost. */
    void loseForGood() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
        RunDirectory.delete(directory);
    }

    /** Sends a signal, such as STOP or CONT. */
    void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Waits for its end. @return exit code */
    int await() throws InterruptedException {
        if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            throw new AssertionError(name + " does not end: " + said());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The process. */
    public static void main(String[] arguments) throws Exception {
        KafkaClients clients = new KafkaClients(new KafkaSettings(
                arguments[1], arguments[2], arguments[3], Integer.parseInt(arguments[4]), 1, Map.of()));
        List<String> specialties = List.of(arguments[5].split(","));
        RunContext run = new RunContext(arguments[3], arguments[0], specialties, clients, new SimpleMeterRegistry());
        LearnerTask task = LearnerProcess.task(
                specialties.get(0), Integer.parseInt(arguments[9]), Integer.parseInt(arguments[10]));
        try (S3Bucket bucket = new S3Bucket(new S3Settings(arguments[8], "", true), S3Server.BUCKET);
                LearnerRig rig = new LearnerRig(Path.of(arguments[6]));
                LearnerService learner = new LearnerService(
                        run,
                        specialties,
                        Boolean.parseBoolean(arguments[12]) ? LearnerConfigs.helping() : LearnerConfigs.tiny(2),
                        task,
                        rig.inputs(
                                ObjectCheckpoints.under(
                                        bucket, new S3Location(S3Server.BUCKET, arguments[3]), Path.of(arguments[7])),
                                Map.of()),
                        standStill(arguments[11]))) {
            learner.start();
            Awaitility.await().forever().until(learner::finished);
            for (ServiceThread thread : learner.threads()) {
                if (thread.failure().isPresent()) {
                    System.exit(1);
                }
            }
        }
        System.exit(0);
    }

    private static FaultPoint.Plan standStill(String fault) {
        return (reached, version) -> {
            if (fault.equals(reached + "@" + version) || fault.equals(reached + "@*")) {
                System.out.println("standing still");
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }
}
