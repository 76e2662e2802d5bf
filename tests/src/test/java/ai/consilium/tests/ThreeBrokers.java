package ai.consilium.tests;

import static org.awaitility.Awaitility.await;

import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.Ports;
import ai.consilium.schemas.Topics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/** Three KRaft nodes, each a process, and a registry at an address that it keeps when it is gone for a while. */
final class ThreeBrokers implements AutoCloseable {
    static final int NODES = 3;

    /** How often it is looked whether something has come true. */
    static final Duration LOOK = Duration.ofMillis(500);

    private final List<BrokerProcess> brokers;
    private final String bootstrap;
    private final Admin admin;
    private EmbeddedRegistry registry;

    private ThreeBrokers(List<BrokerProcess> brokers, String bootstrap) {
        this.brokers = brokers;
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        await().atMost(RunProcess.PATIENCE)
                .pollInterval(LOOK)
                .ignoreExceptions()
                .until(() -> admin.describeCluster().nodes().get().size() == NODES);
        this.registry = EmbeddedRegistry.start(bootstrap, Ports.free());
    }

    /** Starts them. @param directory of their files */
    static ThreeBrokers start(Path directory) throws Exception {
        List<BrokerProcess> brokers = BrokerProcess.cluster(directory, NODES);
        return new ThreeBrokers(
                brokers, brokers.stream().map(BrokerProcess::address).collect(Collectors.joining(",")));
    }

    String bootstrapServers() {
        return bootstrap;
    }

    String registryUrl() {
        return registry.url();
    }

    List<BrokerProcess> brokers() {
        return brokers;
    }

    /** Stops the registry. @return starts it again, at the same address */
    Runnable withoutRegistry() {
        int port = URI.create(registry.url()).getPort();
        registry.close();
        return () -> registry = EmbeddedRegistry.start(bootstrap, port);
    }

    /** How many replicas the partitions of a run's topics have. */
    Set<Integer> replicas(String runId) throws ExecutionException, InterruptedException {
        return described(runId).values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(partition -> partition.replicas().size())
                .collect(Collectors.toSet());
    }

    /** Waits until every node has every record of a run. */
    void untilInSync(String runId) {
        await().atMost(RunProcess.PATIENCE)
                .pollInterval(LOOK)
                .ignoreExceptions()
                .until(() -> described(runId).values().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .allMatch(partition -> partition.isr().size() == NODES));
    }

    private Map<String, TopicDescription> described(String runId) throws ExecutionException, InterruptedException {
        List<String> names =
                Stream.of(Topics.values()).map(topic -> topic.name(runId)).toList();
        return admin.describeTopics(names).allTopicNames().get();
    }

    @Override
    public void close() throws IOException {
        registry.close();
        admin.close();
        for (BrokerProcess broker : brokers) {
            broker.close();
        }
    }
}
