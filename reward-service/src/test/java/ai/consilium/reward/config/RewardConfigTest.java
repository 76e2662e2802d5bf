package ai.consilium.reward.config;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.remote;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardConfigTest {
    @ParameterizedTest
    @CsvSource({
        "ftp://scorer.example/, must be http",
        "scorer.example, must be http",
        "http:///score, must be http",
        "https://user:pass@scorer.example/, credentials",
        "not an address, not a valid URL"
    })
    void addressThatIsNotPlainlyWebIsRefused(String url, String reason) {
        assertThatThrownBy(() -> remote(url, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("url: ")
                .hasMessageContaining(reason);
    }

    @Test
    void secretsAreNamedByVariablesOfTheirOwn() {
        assertThatThrownBy(() -> remote("https://scorer.example/", Map.of("Authorization", "HOME")))
                .hasMessageStartingWith("headers_from_env.Authorization: ");
    }

    @Test
    void keysThatDoNotFitTheTypeAreRefused() {
        assertThatThrownBy(() -> new ScorerConfig("x", "rubric", null, null, null, null, null, null, true, false))
                .hasMessageStartingWith("file: ");
        assertThatThrownBy(() -> new ScorerConfig("x", "judge", null, null, null, null, null, null, true, false))
                .hasMessageStartingWith("type: ");
        assertThatThrownBy(() -> new ScorerConfig("x", "accuracy", null, null, null, null, null, null, true, true))
                .hasMessageStartingWith("shadow: ");
    }

    @Test
    void doubledNamesAreRefused() {
        assertThatThrownBy(() -> config(check("format"), check("format"))).hasMessageStartingWith("scorers: ");
    }
}
