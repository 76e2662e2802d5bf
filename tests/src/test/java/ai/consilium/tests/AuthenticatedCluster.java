package ai.consilium.tests;

import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.Ports;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A broker and a registry in this process. Each role is a user of the broker, the password is its name, and
 * {@link TopicAccess} remembers what the users did.
 *
 * @param kafka broker
 * @param registry registry, which is a client without login
 * @param port where the broker asks for a login
 */
record AuthenticatedCluster(EmbeddedKafka kafka, EmbeddedRegistry registry, int port) implements AutoCloseable {
    private static final String LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    /** A user that is no role. */
    static final String OBSERVER = "observer";

    private static final String HOST = "127.0.0.1";

    static AuthenticatedCluster start(Path directory) {
        TopicAccess.reset();
        int open = Ports.free();
        int login = Ports.free();
        int controller = Ports.free();
        String brokers = "BROKER://%s:%d,LOGIN://%s:%d".formatted(HOST, open, HOST, login);
        EmbeddedKafka kafka = EmbeddedKafka.start(
                directory,
                open,
                Map.of(
                        "listeners",
                        brokers + ",CONTROLLER://" + HOST + ":" + controller,
                        "advertised.listeners",
                        brokers,
                        "listener.security.protocol.map",
                        "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_PLAINTEXT",
                        "controller.quorum.voters",
                        "1@" + HOST + ":" + controller,
                        "listener.name.login.sasl.enabled.mechanisms",
                        "PLAIN",
                        "listener.name.login.plain.sasl.jaas.config",
                        LOGIN + users() + ";",
                        "authorizer.class.name",
                        TopicAccess.class.getName()));
        try {
            return new AuthenticatedCluster(kafka, EmbeddedRegistry.start(kafka.bootstrapServers(), 0), login);
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    private static String users() {
        return Stream.concat(Role.labels().stream(), Stream.of(OBSERVER))
                .map(" user_%1$s=\"%1$s\""::formatted)
                .collect(Collectors.joining());
    }

    String registryUrl() {
        return registry.url();
    }

    /** The environment of a process that logs in as one of the users. */
    Map<String, String> client(String name) {
        return Map.of(
                "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS",
                HOST + ":" + port,
                "CONSILIUM_KAFKA__SECURITY__PROTOCOL",
                "SASL_PLAINTEXT",
                "CONSILIUM_KAFKA__SASL__MECHANISM",
                "PLAIN",
                "CONSILIUM_KAFKA__SASL__JAAS__CONFIG",
                "%s username=\"%s\" password=\"%s\";".formatted(LOGIN, name, name));
    }

    @Override
    public void close() {
        registry.close();
        kafka.close();
    }
}
