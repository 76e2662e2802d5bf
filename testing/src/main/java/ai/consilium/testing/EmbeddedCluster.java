package ai.consilium.testing;

import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.PolicyTable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** A broker and a registry in a temporary directory. Tests get one by {@link WithKafka}; each run on it has its own prefix. */
public final class EmbeddedCluster implements AutoCloseable {
    private static final int PARTITIONS = 4;

    private Path dir;
    private EmbeddedKafka kafka;
    private EmbeddedRegistry registry;

    private EmbeddedCluster(Path dir, EmbeddedKafka kafka, EmbeddedRegistry registry) {
        this.dir = dir;
        this.kafka = kafka;
        this.registry = registry;
    }

    /** Starts both. */
    public static EmbeddedCluster start() {
        try {
            Path dir = Files.createTempDirectory("consilium-cluster");
            EmbeddedKafka kafka = EmbeddedKafka.start(dir, 0);
            return new EmbeddedCluster(dir, kafka, EmbeddedRegistry.start(kafka.bootstrapServers(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops both and starts them on the same directory, on other ports. */
    public void restart() {
        registry.close();
        kafka.close();
        kafka = EmbeddedKafka.start(dir, 0);
        registry = EmbeddedRegistry.start(kafka.bootstrapServers(), 0);
    }

    /**
     * Starts both on what a kill at this moment would leave behind: a copy of the broker's files, made while it runs. What
     * happens before they have stopped is forgotten.
     */
    public void restartAsAfterKill() {
        Path left = copyOf(dir);
        registry.close();
        kafka.close();
        delete(dir);
        dir = left;
        kafka = EmbeddedKafka.start(dir, 0);
        registry = EmbeddedRegistry.start(kafka.bootstrapServers(), 0);
    }

    private static Path copyOf(Path dir) {
        try {
            Path copy = Files.createTempDirectory("consilium-cluster");
            while (!copied(dir, copy)) {
                delete(copy);
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** False when a file was renamed or deleted meanwhile: the copy is of no one moment. */
    private static boolean copied(Path dir, Path copy) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(dir.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
            return true;
        } catch (NoSuchFileException | UncheckedIOException e) {
            return false;
        }
    }

    /** Address of the broker. */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** Address of the registry. */
    public String registryUrl() {
        return registry.url();
    }

    /** Clients under a random prefix; no topics yet. */
    public KafkaClients clients() {
        return clients("t" + UUID.randomUUID().toString().substring(0, 8));
    }

    /** Clients under a prefix; 4 partitions for the topics keyed by group. */
    public KafkaClients clients(String prefix) {
        return new KafkaClients(new KafkaSettings(bootstrapServers(), registryUrl(), prefix, PARTITIONS, 1, Map.of()));
    }

    /** A run under a random prefix with all its topics. */
    public RunContext run(String... specialties) {
        return run(clients(), specialties);
    }

    /** Over clients whose topics or schemas are older. */
    public RunContext run(KafkaClients clients, String... specialties) {
        TopicCatalogue.create(clients, PolicyTable.of(List.of(specialties)));
        return new RunContext(
                clients.settings().prefix(), "test", List.of(specialties), clients, new SimpleMeterRegistry());
    }

    @Override
    public void close() {
        registry.close();
        kafka.close();
        delete(dir);
    }

    private static void delete(Path dir) {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
