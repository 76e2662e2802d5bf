package ai.consilium.rollout.engine.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VllmConfigTest {
    @Test
    void givenAddressesWithASlashAtTheirEndThenItIsLeftOut() {
        assertThat(config("http://a:8000/", "https://b/vllm").servers())
                .containsExactly(URI.create("http://a:8000"), URI.create("https://b/vllm"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1:8000 | is not a valid URL",
                "ftp://a | must be http://HOST",
                "http:///path | must be http://HOST",
                "http://user:pass@a | must not contain credentials; use rollout.vllm.api_key_env",
                "http://a/v1 | leave out /v1",
                "http://a?x=1 | must have neither query nor fragment"
            })
    void givenAnAddressThatCannotBeUsedThenTheMessageBeginsWithItsKey(String url, String problem) {
        assertThatThrownBy(() -> config(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("urls: ")
                .hasMessageContaining(problem)
                .hasMessageNotContaining("pass");
    }

    @Test
    void givenTheSameAddressTwiceThenItIsRefused() {
        assertThatThrownBy(() -> config("http://a:1", "http://a:1/")).hasMessageContaining("urls contains duplicates");
    }

    @Test
    void givenAKeyInsteadOfAVariableThenItIsRefused() {
        assertThatThrownBy(() -> new VllmConfig(List.of(), "sk-123", "", 8, 1, Duration.ofSeconds(1), 0))
                .hasMessageStartingWith("api_key_env: must name an environment variable");
    }

    private static VllmConfig config(String... urls) {
        return new VllmConfig(List.of(urls), "", "", 8, 1, Duration.ofSeconds(1), 0);
    }
}
