package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Health;
import ai.consilium.platform.service.HealthConfig;
import ai.consilium.platform.service.HealthServer;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.scorer.HttpDefaults;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The role in a process of its own, so that it can be killed as an operating system kills: without a word. */
final class RewardProcess implements AutoCloseable {
    /** What it says, beside the cases. */
    static final String LOG = "reward.log";
    /** Beside the cases: what judges said. */
    static final String ANSWERS = "answers";

    private static final String PAGE = "page at ";

    private final Process process;

    private RewardProcess(Process process) {
        this.process = process;
    }

    /** Starts it; its output lies beside the cases. */
    static RewardProcess start(KafkaSettings kafka, Path data) throws IOException {
        return start(kafka, data, Map.of());
    }

    /** Starts it with variables of its environment, among them the secrets of scorers. */
    static RewardProcess start(KafkaSettings kafka, Path data, Map<String, String> environment) throws IOException {
        File log = data.resolve(LOG).toFile();
        ProcessBuilder builder = new ProcessBuilder(
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
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().putAll(environment);
        Process process = builder.start();
        // A build that is broken off must not leave processes behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new RewardProcess(process);
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Address of its page, once it has said it. */
    static Optional<String> page(Path data) throws IOException {
        return Files.readString(data.resolve(LOG))
                .lines()
                .filter(line -> line.startsWith(PAGE))
                .map(line -> line.substring(PAGE.length()))
                .findFirst();
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
        return config("", 0, scorers);
    }

    private static RewardConfig config(String answers, int answersMib, RewardConfig.ScorerConfig... scorers) {
        return new RewardConfig(
                "gba",
                new RewardConfig.Advantage(1, 0.2, 0.5, 0.5, true, false, true, true),
                List.of(scorers),
                "",
                new HttpDefaults(
                        Duration.ofSeconds(20), 1, Duration.ofMillis(10), 4096, List.of(), answers, answersMib),
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
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        RunContext context = new RunContext(args[2], "victim", List.of("adult_medicine"), kafka, metrics);
        RewardConfig config = config(Path.of(args[4], ANSWERS).toString(), 16, check("format"));
        Health health = new Health(metrics);
        try (RewardService service = new RewardService(context, config, new CaseLibrary(Path.of(args[4])));
                HealthServer page = HealthServer.start(
                                new HealthConfig("127.0.0.1", 0, Duration.ofSeconds(15)), health, metrics)
                        .orElseThrow()) {
            health.watch(service);
            service.start();
            System.out.println(PAGE + page.url());
            while (service.threads().get(0).failure().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            service.threads().get(0).failure().get().printStackTrace();
        }
        System.exit(1);
    }
}
