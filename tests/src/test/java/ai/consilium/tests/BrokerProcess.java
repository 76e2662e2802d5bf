package ai.consilium.tests;

import ai.consilium.platform.Ports;
import ai.consilium.platform.kafka.KafkaClients;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/** A Kafka node, broker and controller, by Kafka's own main class in a process of its own. */
final class BrokerProcess implements AutoCloseable {
    private static final String HOST = "127.0.0.1";

    private final int id;
    private final Path directory;
    private final Path settings;
    private final String address;
    private final BrokerLink link;
    private Process process;

    private BrokerProcess(int id, Path directory, Path settings, int port, BrokerLink link) throws IOException {
        this.id = id;
        this.directory = directory;
        this.settings = settings;
        this.address = HOST + ":" + port;
        this.link = link;
        this.process = launch();
    }

    /** Starts the nodes of one cluster whose records are kept as often as there are nodes. */
    static List<BrokerProcess> cluster(Path directory, int nodes) throws Exception {
        String clusterId = Uuid.randomUuid().toString();
        List<Integer> controllers =
                IntStream.range(0, nodes).mapToObj(node -> Ports.free()).toList();
        String voters = IntStream.range(0, nodes)
                .mapToObj(node -> (node + 1) + "@" + HOST + ":" + controllers.get(node))
                .collect(Collectors.joining(","));
        List<BrokerProcess> started = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            Path own = Files.createDirectories(directory.resolve("broker-" + (node + 1)));
            Map<String, String> settings = settings(nodes);
            String listener = "BROKER://" + HOST + ":" + Ports.free() + ",CLIENT://" + HOST + ":";
            int port = Ports.free();
            int advertised = Ports.free();
            settings.put("node.id", Integer.toString(node + 1));
            settings.put("controller.quorum.voters", voters);
            settings.put("listeners", listener + port + ",CONTROLLER://" + HOST + ":" + controllers.get(node));
            settings.put("advertised.listeners", listener + advertised);
            settings.put("log.dirs", own.resolve("log").toString());
            format(own.resolve("log"), clusterId, node + 1);
            started.add(new BrokerProcess(
                    node + 1,
                    own,
                    write(own.resolve("server.properties"), settings),
                    advertised,
                    new BrokerLink(advertised, port)));
        }
        return started;
    }

    private static Map<String, String> settings(int nodes) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "process.roles", "broker,controller",
                "controller.listener.names", "CONTROLLER",
                "inter.broker.listener.name", "BROKER",
                "listener.security.protocol.map", "BROKER:PLAINTEXT,CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "default.replication.factor", Integer.toString(nodes),
                "min.insync.replicas", Integer.toString(nodes - 1),
                "auto.create.topics.enable", "false",
                "message.max.bytes", Integer.toString(KafkaClients.MAX_RECORD_BYTES),
                "group.initial.rebalance.delay.ms", "0",
                "log.cleaner.dedupe.buffer.size", "2097152"));
        for (String log : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            settings.put(log + ".replication.factor", Integer.toString(nodes));
            settings.put(log + ".num.partitions", Integer.toString(nodes)); // each node coordinates something
        }
        settings.put("transaction.state.log.min.isr", Integer.toString(nodes - 1));
        settings.put("share.coordinator.state.topic.min.isr", Integer.toString(nodes - 1));
        return settings;
    }

    private static void format(Path log, String clusterId, int node) throws Exception {
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(clusterId)
                .setNodeId(node)
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(log.toString())
                .addDirectory(log.toString())
                .run();
    }

    private static Path write(Path file, Map<String, String> settings) throws IOException {
        return Files.write(
                file,
                settings.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList());
    }

    private Process launch() throws IOException {
        File log = directory.resolve("server.log").toFile();
        Process started = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "kafka.Kafka",
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        // A build that is broken off must not leave processes behind.
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        return started;
    }

    int id() {
        return id;
    }

    /** Address for clients, {@code host:port}. */
    String address() {
        return address;
    }

    /** What its clients reach it by; other brokers reach it directly. */
    BrokerLink link() {
        return link;
    }

    /** SIGKILL, to its end. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** After it was killed, on what it had written. */
    void restart() throws IOException {
        process = launch();
    }

    @Override
    public void close() throws IOException {
        link.close();
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
