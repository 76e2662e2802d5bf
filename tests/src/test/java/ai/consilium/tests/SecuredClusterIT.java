package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Roles that cannot join a broker that asks for TLS and a login are refused by the key that is wrong, before they have done
 * anything; that the right ones train, {@link SeparateProcessesIT} shows on the same kind of broker.
 */
class SecuredClusterIT {
    private static final String RUN_ID = "secured";
    private static final String ROLE = "monitor";

    @TempDir
    static Path directory;

    private static AuthenticatedCluster cluster;

    @BeforeAll
    static void start() {
        cluster = AuthenticatedCluster.start(directory.resolve("cluster"), RUN_ID);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void givenARoleWithoutTlsThenItIsToldToSetIt() {
        assertThat(refusal(Map.of("SECURITY__PROTOCOL", "PLAINTEXT")))
                .startsWith("consilium: kafka.security.protocol: the broker at " + cluster.address() + " asks for TLS")
                .contains("SASL_SSL", "kafka.ssl.truststore.location", "docs/OPERATIONS.md");
        assertThat(refusal(Map.of("SECURITY__PROTOCOL", "SASL_PLAINTEXT")))
                .startsWith("consilium: kafka.security.protocol: ");
    }

    @Test
    void givenARoleWithoutALoginThenItIsToldToSetIt() {
        assertThat(refusal(Map.of("SECURITY__PROTOCOL", "SSL")))
                .startsWith("consilium: kafka.bootstrap.servers: no broker answers at " + cluster.address())
                .contains("kafka.security.protocol to SASL_SSL");
    }

    @Test
    void givenAWrongPasswordThenTheKeyIsNamedAndThePasswordIsNot() {
        String wrong = "not-the-password-of-anybody";
        assertThat(refusal(Map.of("SASL__JAAS__CONFIG", AuthenticatedCluster.jaas(ROLE, wrong))))
                .startsWith(
                        "consilium: kafka.sasl.jaas.config: the broker at " + cluster.address() + " refuses the login")
                .doesNotContain(wrong);
    }

    @Test
    void givenAMechanismThatTheBrokerLacksThenTheKeyIsNamed() {
        assertThat(refusal(Map.of("SASL__MECHANISM", "SCRAM-SHA-256")))
                .startsWith("consilium: kafka.sasl.mechanism: the broker at " + cluster.address());
    }

    @Test
    void givenAnotherAuthorityThenTheBrokerIsNotTrusted() {
        PemFiles other = PemFiles.make(directory.resolve("other"), "127.0.0.1");
        assertThat(refusal(
                        Map.of("SSL__TRUSTSTORE__LOCATION", other.certificate().toString())))
                .startsWith("consilium: kafka.ssl.truststore.location: the broker at " + cluster.address());
        assertThat(refusal(Map.of("SSL__TRUSTSTORE__LOCATION", directory + "/missing.crt")))
                .startsWith("consilium: kafka: no client can be made of these settings")
                .contains("missing.crt");
    }

    @Test
    void givenABrokerWithoutTlsThenAClientWithItIsToldSo() {
        assertThat(refusal(Map.of(
                        "BOOTSTRAP__SERVERS", cluster.kafka().bootstrapServers(), "SECURITY__PROTOCOL", "SASL_SSL")))
                .startsWith("consilium: kafka.security.protocol: the broker at "
                        + cluster.kafka().bootstrapServers() + " does not speak TLS");
    }

    @Test
    void givenSecretsWhenTheConfigurationIsShownThenTheyAreHidden() {
        Map<String, String> environment = environment(Map.of("SSL__KEY__PASSWORD", "a-password-of-a-key"));
        for (String[] command : new String[][] {{"config", "show"}, {"run", ROLE, "--dry-run"}}) {
            CommandLineRun shown = CommandLineRun.of(environment, command);
            assertThat(shown.code()).isZero();
            assertThat(shown.text())
                    .contains("SASL_SSL", "SCRAM-SHA-512")
                    .doesNotContain(AuthenticatedCluster.password(ROLE), "a-password-of-a-key");
        }
    }

    /** The line with which a role ends that is given the right settings but for these. */
    private static String refusal(Map<String, String> wrong) {
        Path runDirectory = directory.resolve("refused");
        CommandLineRun run = CommandLineRun.of(environment(wrong), "run", ROLE, "--run-dir", runDirectory.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(Files.exists(runDirectory)).isFalse();
        assertThat(String.join("\n", run.errors())).doesNotContain(AuthenticatedCluster.password(ROLE));
        return run.told().get(0);
    }

    private static Map<String, String> environment(Map<String, String> other) {
        Map<String, String> environment = new HashMap<>(cluster.client(ROLE));
        environment.put("CONSILIUM_SCHEMA_REGISTRY__URL", cluster.registryUrl());
        environment.put("CONSILIUM_RUN_ID", RUN_ID);
        other.forEach((key, value) -> environment.put("CONSILIUM_KAFKA__" + key, value));
        return environment;
    }
}
