package ai.consilium.devcluster;

import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.Ports;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A single-node Kafka (broker and controller, KRaft) in this process, on 127.0.0.1 only. The directory holds all of its
 * state: started again on the same directory, it goes on with the same records.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
    private static final String HOST = "127.0.0.1";
    private static final int NODE_ID = 1;
    private static final int STARTS = 3;

    /**
     * The only broker gains nothing from being declared dead: on a busy machine its heartbeats are late, by more than a minute where
     * fifty threads want two cores, and while it is fenced every client fails.
     */
    private static final Duration SESSION = Duration.ofMinutes(10);

    private final KafkaRaftServer server;
    private final DirectoryLock lock;
    private final String bootstrapServers;

    private EmbeddedKafka(KafkaRaftServer server, DirectoryLock lock, String bootstrapServers) {
        this.server = server;
        this.lock = lock;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker and waits until it serves.
     *
     * @param dir its state; created and formatted when new
     * @param port 0 for any free one
     * @throws UsageException when the port or the directory is in use
     */
    public static EmbeddedKafka start(Path dir, int port) {
        return start(dir, port, Map.of());
    }

    /**
     * The same with further settings of the broker, which win over its own.
     *
     * @param more in Kafka's spelling
     */
    public static EmbeddedKafka start(Path dir, int port, Map<String, String> more) {
        Ports.requireFree(HOST, port, "kafka.port");
        DirectoryLock lock = DirectoryLock.claim(dir, "broker.lock");
        try {
            format(dir);
            if (killed(dir)) {
                KilledBroker.unregister(common(dir), HOST, NODE_ID);
            }
            return startUnderLock(dir, port, more, lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static EmbeddedKafka startUnderLock(Path dir, int port, Map<String, String> more, DirectoryLock lock) {
        // Free ports are found first and bound later: another process may come between, so a start is tried again.
        for (int attempt = 1; ; attempt++) {
            int brokerPort = port == 0 ? Ports.free() : port;
            KafkaRaftServer server = null;
            try {
                Map<String, String> settings = settings(dir, brokerPort, Ports.free());
                settings.putAll(more);
                server = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
                server.startup();
                return new EmbeddedKafka(server, lock, HOST + ":" + brokerPort);
            } catch (RuntimeException e) {
                if (server != null) {
                    server.shutdown();
                    server.awaitShutdown();
                }
                if (attempt == STARTS) {
                    throw e;
                }
                LOG.atWarn()
                        .addKeyValue("attempt", attempt)
                        .setCause(e)
                        .log("the embedded broker did not start; trying again on another port");
            }
        }
    }

    private static void format(Path dir) {
        if (Files.exists(dir.resolve("meta.properties"))) {
            return;
        }
        try {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(NODE_ID)
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(dir.toString())
                    .addDirectory(dir.toString())
                    .run();
        } catch (Exception e) {
            throw new IllegalStateException("the broker's directory " + dir + " could not be formatted", e);
        }
    }

    private static Map<String, String> settings(Path dir, int brokerPort, int controllerPort) {
        Map<String, String> settings = common(dir);
        settings.put("broker.session.timeout.ms", Long.toString(SESSION.toMillis()));
        settings.put("process.roles", "broker,controller");
        String broker = "BROKER://" + HOST + ":" + brokerPort;
        settings.put("listeners", broker + ",CONTROLLER://" + HOST + ":" + controllerPort);
        settings.put("advertised.listeners", broker);
        settings.put("inter.broker.listener.name", "BROKER");
        settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        // Static voters: the controller's port may change from start to start.
        settings.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        return settings;
    }

    private static Map<String, String> common(Path dir) {
        Map<String, String> settings = oneNode();
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("log.dirs", dir.toString());
        settings.put("controller.listener.names", "CONTROLLER");
        return settings;
    }

    /** Whether a broker ran on this directory and was not shut down. */
    private static boolean killed(Path dir) {
        return Files.exists(dir.resolve("__cluster_metadata-0")) && !Files.exists(dir.resolve(".kafka_cleanshutdown"));
    }

    private static Map<String, String> oneNode() {
        Map<String, String> settings = new HashMap<>();
        for (String log : new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
            settings.put(log + ".replication.factor", "1");
            settings.put(log + ".num.partitions", "1"); // 50 by default: slow to start, many files
        }
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("auto.create.topics.enable", "false");
        settings.put("message.max.bytes", Integer.toString(KafkaClients.MAX_RECORD_BYTES));
        settings.put("group.initial.rebalance.delay.ms", "0"); // 3 s by default
        // Share consumers learn of their partitions by heartbeat: 5 s by default.
        settings.put("group.share.min.heartbeat.interval.ms", "500");
        settings.put("group.share.heartbeat.interval.ms", "500");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152"); // 128 MiB of heap by default
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        return settings;
    }

    /** Address of the broker, {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Stops in order; the directory can be used again, or deleted, only afterwards. */
    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        lock.close();
    }
}
