package ai.consilium.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceAddressTest {
    @ParameterizedTest
    @CsvSource({
        "https://files.example/sets/clinic, https://files.example/sets/clinic/, clinic",
        "HTTPS://files.example:8443/sets/clinic/, https://files.example:8443/sets/clinic/, clinic",
        "http://127.0.0.1:8000, http://127.0.0.1:8000/, 127.0.0.1_8000",
        "https://files.example/a%20b, https://files.example/a%20b/, a_20b",
        "s3://bucket/models/7b/, s3://bucket/models/7b, 7b",
        "s3://bucket, s3://bucket, bucket"
    })
    void givenAnAddressThenItIsReadAndNamedByItsLastPart(String text, String shown, String name) {
        assertThat(SourceAddress.meantBy(text)).isTrue();
        assertThat(SourceAddress.parse(text)).hasToString(shown);
        assertThat(SourceAddress.parse(text).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "data", "/data", "./a:b", "models/tiny", "~/data"})
    void givenADirectoryThenItIsNotTakenForAnAddress(String text) {
        assertThat(SourceAddress.meantBy(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user:secret@files.example/set",
                "https://files.example/set?token=secret",
                "https://files.example/set#secret",
                "https://files.example/se t?secret",
                "ftp://user:secret@files.example/set",
                "hf://secret/model",
                "https:/files.example/secret",
                "https://169.254.169.254/secret",
                "https://metadata.google.internal/secret",
                "https://files.example/../secret",
                "https://files.example/%2e%2E/secret",
                "s3://b/secret",
                "s3://bucket/a/../secret",
                "s3:bucket/secret"
            })
    void givenAnAddressThatCannotBeUsedThenItIsRefusedAndWhatMayBeSecretIsNotRepeated(String text) {
        assertThat(SourceAddress.meantBy(text)).isTrue();
        assertThatThrownBy(() -> SourceAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void givenCredentialsInAnAddressThenItIsSaidWhereTheyBelong() {
        assertThatThrownBy(() -> SourceAddress.parse("https://user:secret@files.example/set"))
                .hasMessageContaining("fetch.token_env");
    }
}
