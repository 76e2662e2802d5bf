package ai.consilium.tests;

import ai.consilium.cli.provision.RoleAcls;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.Ports;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.errors.InterruptException;

/**
 * A broker and a registry in this process. Each role is a user of the broker, the password is its name. A user may do what
 * {@code topics acls} says and nothing else; {@link TopicAccess} remembers what the users did.
 *
 * @param kafka broker
 * @param registry registry, which is a client without login
 * @param port where the broker asks for a login
 */
record AuthenticatedCluster(EmbeddedKafka kafka, EmbeddedRegistry registry, int port) implements AutoCloseable {
    private static final String LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    /** A user that is no role. */
    static final String OBSERVER = RoleAcls.OBSERVER;

    private static final String HOST = "127.0.0.1";

    /** @param runId of the run that the users have rights on */
    static AuthenticatedCluster start(Path directory, String runId) {
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
                        TopicAccess.class.getName(),
                        // Who comes in by the listeners without login: the broker itself, and the registry.
                        "super.users",
                        "User:ANONYMOUS"));
        try {
            grant(kafka.bootstrapServers(), runId);
            return new AuthenticatedCluster(kafka, EmbeddedRegistry.start(kafka.bootstrapServers(), 0), login);
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    private static void grant(String bootstrapServers, String runId) {
        List<AclBinding> bindings = new RoleAcls(runId)
                .all().entrySet().stream()
                        .flatMap(role ->
                                role.getValue().stream().flatMap(rule -> rule.bindings("User:" + role.getKey())))
                        .toList();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createAcls(bindings).all().get();
        } catch (ExecutionException e) {
            throw new KafkaException("no rights could be given", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Properties of a Kafka client that logs in as one of the users. */
    Map<String, Object> properties(String name) {
        return Map.of(
                "bootstrap.servers",
                HOST + ":" + port,
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                jaas(name));
    }

    private static String jaas(String name) {
        return "%s username=\"%s\" password=\"%s\";".formatted(LOGIN, name, name);
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
                jaas(name));
    }

    @Override
    public void close() {
        registry.close();
        kafka.close();
    }
}
