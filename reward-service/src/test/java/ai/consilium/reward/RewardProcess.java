package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.run.RunContext;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.HttpDefaults;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The role in a process of its own, so that it can be killed as an operating system kills: without a word. */
final class RewardProcess implements AutoCloseable {
    private final Process process;

    private RewardProcess(Process process) {
        this.process = process;
    }

    /** Starts it; its output lies beside the cases. */
    static RewardProcess start(KafkaSettings kafka, Path data) throws IOException {
        File log = data.resolve("reward.log").toFile();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RewardProcess.class.getName(),
                        kafka.bootstrapServers(),
                        kafka.schemaRegistryUrl(),
                        kafka.prefix(),
                        Integer.toString(kafka.partitions()),
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        // A build that is broken off must not leave processes behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new RewardProcess(process);
    }

    boolean alive() {
        return process.isAlive();
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

    /** Of a service that takes up 500 trajectories at a time. */
    static RewardConfig config(RewardConfig.ScorerConfig... scorers) {
        return new RewardConfig(
                "gba",
                new RewardConfig.Advantage(1, 0.2, 0.5, 0.5, true, false, true),
                List.of(scorers),
                new HttpDefaults(Duration.ofSeconds(20), 1, Duration.ofMillis(10), 4096, List.of()),
                64,
                256,
                500,
                new RewardConfig.Breaker(10, Duration.ofMillis(50), Duration.ofMinutes(1)),
                Duration.ofSeconds(30),
                "");
    }

    /** The process itself. */
    public static void main(String[] args) throws InterruptedException {
        KafkaClients kafka =
                new KafkaClients(new KafkaSettings(args[0], args[1], args[2], Integer.parseInt(args[3]), 1, Map.of()));
        RunContext context =
                new RunContext(args[2], "victim", List.of("adult_medicine"), kafka, new SimpleMeterRegistry());
        try (RewardService service =
                new RewardService(context, config(check("format")), new CaseLibrary(Path.of(args[4])))) {
            service.start();
            while (service.threads().get(0).failure().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            service.threads().get(0).failure().get().printStackTrace();
        }
        System.exit(1);
    }
}
