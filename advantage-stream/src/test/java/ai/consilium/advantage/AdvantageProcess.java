package ai.consilium.advantage;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.run.RunContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The role in a process of its own, so that it can be killed as an operating system kills: without a word. */
final class AdvantageProcess implements AutoCloseable {
    static final AdvantageConfig CONFIG =
            new AdvantageConfig(1, Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMinutes(10));

    /** How long a transaction may take: the one property of a run's clients that is passed on. */
    static final String TRANSACTION_MS = "producer.transaction.timeout.ms";

    private final Process process;

    private AdvantageProcess(Process process) {
        this.process = process;
    }

    /** Starts an instance; its state and its output lie under {@code dir}, by its name. */
    static AdvantageProcess start(KafkaSettings kafka, String instance, Path dir) throws IOException {
        File log = dir.resolve(instance + ".log").toFile();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AdvantageProcess.class.getName(),
                        kafka.bootstrapServers(),
                        kafka.schemaRegistryUrl(),
                        kafka.prefix(),
                        Integer.toString(kafka.partitions()),
                        instance,
                        dir.resolve(instance).toString(),
                        TRANSACTION_MS + "=" + kafka.properties().getOrDefault(TRANSACTION_MS, "30000"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        // A build that is broken off must not leave processes behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new AdvantageProcess(process);
    }

    boolean alive() {
        return process.isAlive();
    }

    /** SIGSTOP: as when a laptop is closed. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process outlives its kill");
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    /** The process itself. */
    public static void main(String[] args) throws InterruptedException {
        String[] property = args[6].split("=", 2);
        KafkaClients kafka = new KafkaClients(new KafkaSettings(
                args[0], args[1], args[2], Integer.parseInt(args[3]), 1, Map.of(property[0], property[1])));
        RunContext context =
                new RunContext(args[2], args[4], AdvantageRecords.SPECIALTIES, kafka, new SimpleMeterRegistry());
        try (AdvantageService service = new AdvantageService(context, CONFIG, Path.of(args[5]))) {
            service.start();
            while (service.threads().get(0).failure().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            service.threads().get(0).failure().get().printStackTrace();
        }
        System.exit(1);
    }
}
