package ai.consilium.tests;

import ai.consilium.cli.provision.RoleAcls;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.Ports;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.errors.InterruptException;

/**
 * A broker and a registry in this process. Clients come by TLS, and log in by SCRAM: each role is a user of the broker with a
 * password of its own. A user may do what {@code topics acls} says and nothing else; {@link TopicAccess} remembers what the users did.
 *
 * @param kafka broker
 * @param registry registry, which is a client without login
 * @param port where the broker asks for TLS and a login
 * @param authority file with the certificate that clients are to trust, PEM
 */
record AuthenticatedCluster(EmbeddedKafka kafka, EmbeddedRegistry registry, int port, Path authority)
        implements AutoCloseable {
    private static final String LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required";
    private static final int ITERATIONS = 4096;
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
        PemFiles pem = PemFiles.make(directory.resolveSibling("pem"), HOST);
        EmbeddedKafka kafka = EmbeddedKafka.start(
                directory,
                open,
                Map.ofEntries(
                        Map.entry("listeners", brokers + ",CONTROLLER://" + HOST + ":" + controller),
                        Map.entry("advertised.listeners", brokers),
                        Map.entry(
                                "listener.security.protocol.map",
                                "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_SSL"),
                        Map.entry("controller.quorum.voters", "1@" + HOST + ":" + controller),
                        Map.entry("listener.name.login.sasl.enabled.mechanisms", "SCRAM-SHA-512"),
                        Map.entry("listener.name.login.scram-sha-512.sasl.jaas.config", LOGIN + ";"),
                        Map.entry("listener.name.login.ssl.keystore.type", "PEM"),
                        Map.entry(
                                "listener.name.login.ssl.keystore.location",
                                pem.keystore().toString()),
                        Map.entry("authorizer.class.name", TopicAccess.class.getName()),
                        // Who comes in by the listeners without login: the broker itself, and the registry.
                        Map.entry("super.users", "User:ANONYMOUS")));
        try {
            grant(kafka.bootstrapServers(), runId);
            return new AuthenticatedCluster(
                    kafka, EmbeddedRegistry.start(kafka.bootstrapServers(), 0), login, pem.certificate());
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
            admin.alterUserScramCredentials(users().<UserScramCredentialAlteration>map(
                                    user -> new UserScramCredentialUpsertion(
                                            user,
                                            new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS),
                                            password(user)))
                            .toList())
                    .all()
                    .get();
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
                address(),
                "security.protocol",
                "SASL_SSL",
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.location",
                authority.toString(),
                "sasl.mechanism",
                "SCRAM-SHA-512",
                "sasl.jaas.config",
                jaas(name, password(name)));
    }

    /** Where the broker asks for TLS and a login. */
    String address() {
        return HOST + ":" + port;
    }

    static String jaas(String name, String password) {
        return "%s username=\"%s\" password=\"%s\";".formatted(LOGIN, name, password);
    }

    /** Of a user: long and rare enough to be looked for in whatever a process writes. */
    static String password(String name) {
        return name + "-passes-" + new StringBuilder(name).reverse();
    }

    private static Stream<String> users() {
        return Stream.concat(Role.labels().stream(), Stream.of(OBSERVER));
    }

    String registryUrl() {
        return registry.url();
    }

    /** The environment of a process that logs in as one of the users. */
    Map<String, String> client(String name) {
        Map<String, String> environment = new HashMap<>();
        properties(name)
                .forEach((key, value) -> environment.put(
                        "CONSILIUM_KAFKA__" + key.replace(".", "__").toUpperCase(Locale.ROOT), String.valueOf(value)));
        return environment;
    }

    @Override
    public void close() {
        registry.close();
        kafka.close();
    }
}
