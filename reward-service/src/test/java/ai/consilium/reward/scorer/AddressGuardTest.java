package ai.consilium.reward.scorer;

import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.definition;
import static ai.consilium.reward.ScoringExamples.remote;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.UsageException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private final AddressGuard guard = new AddressGuard(List.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.1.2",
                "2852039166",
                "[fe80::1]",
                "[fd00:ec2::254]",
                "[::ffff:169.254.169.254]",
                "[::169.254.169.254]",
                "[64:ff9b::a9fe:a9fe]",
                "100.100.100.200",
                "168.63.129.16",
                "metadata.google.internal",
                "METADATA.google.internal."
            })
    void givenWhereACloudKeepsCredentialsThenItIsRefusedUnlessItIsAllowedByName(String host)
            throws UnknownHostException {
        assertThat(guard.problemAsWritten(host)).isPresent();
        assertThat(guard.problem(host))
                .hasValueSatisfying(problem -> assertThat(problem).contains(host, "reward.http.allow_hosts"));

        AddressGuard allowing = new AddressGuard(List.of(host));
        assertThat(allowing.problemAsWritten(host)).isEmpty();
        assertThat(allowing.problem(host)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "10.0.0.7", "[::1]", "192.168.1.20", "8.8.8.8"})
    void givenAnyOtherAddressThenItMayBeAsked(String host) throws UnknownHostException {
        assertThat(guard.problemAsWritten(host)).isEmpty();
        assertThat(guard.problem(host)).isEmpty();
    }

    @Test
    void givenAScorerThereWhenConfiguredThenTheRunIsRefused() {
        assertThatThrownBy(
                        () -> definition(config(remote("http://169.254.169.254/latest/meta-data", null)), Path.of(".")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(
                        "reward.scorers: http://169.254.169.254/latest/meta-data: host 169.254.169.254 is ");
    }
}
