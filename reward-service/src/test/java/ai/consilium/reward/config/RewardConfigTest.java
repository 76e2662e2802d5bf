package ai.consilium.reward.config;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.remote;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.ConfigLoader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardConfigTest {
    private record Root(RewardConfig reward) {}

    @ParameterizedTest
    @CsvSource({
        "ftp://scorer.example/, must be http",
        "scorer.example, must be http",
        "http:///score, must be http",
        "https://user:pass@scorer.example/, credentials",
        "not an address, not a valid URL"
    })
    void givenAnAddressThatIsNotPlainlyWebThenItIsRefused(String url, String reason) {
        assertThatThrownBy(() -> remote(url, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("url: ")
                .hasMessageContaining(reason);
    }

    @Test
    void givenASecretThenItIsNamedByAVariableOfItsOwn() {
        assertThatThrownBy(() -> remote("https://scorer.example/", Map.of("Authorization", "HOME")))
                .hasMessageStartingWith("headers_from_env.Authorization: ");
    }

    @Test
    void givenKeysThatDoNotFitTheTypeThenTheyAreRefused() {
        assertRefused("{name: x, type: rubric}", "file: is missing");
        assertRefused(
                "{name: x, type: rubric, file: a.yaml, url: 'http://h/'}", "url: does not apply where type is rubric");
        assertRefused(
                "{name: x, type: accuracy, perspective: none}", "perspective: does not apply where type is accuracy");
        assertRefused("{name: x, type: http, url: 'ftp://h/'}", "url: must be http://HOST/");
        assertRefused("{name: x, type: http, url: 'http://h/', timeout: 1h}", "timeout: must be 1ms to 5m");
        assertRefused("{name: x, type: judge, file: a.yaml}", "type: 'judge' of x is not one of accuracy, ");
        assertRefused("{name: x, type: tone, malus: 1}", "type: 'tone' of x is not one of accuracy, ");
        assertRefused(
                "{name: x, type: format, required: true, shadow: true}", "shadow: x cannot be required and a shadow");
        assertRefused("{name: x, type: format, nmae: y}", "nmae: unknown key, did you mean reward.scorers[0].name?");
    }

    private static void assertRefused(String scorer, String message) {
        assertThatThrownBy(() -> ConfigLoader.load(
                        Root.class,
                        List.of("ai/consilium/reward/reward.yaml"),
                        List.of(),
                        Map.of(),
                        List.of("reward.scorers=[" + scorer + "]")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--set: reward.scorers[0]." + message);
    }

    @Test
    void givenDoubledNamesThenTheyAreRefused() {
        assertThatThrownBy(() -> config(check("format"), check("format"))).hasMessageStartingWith("scorers: ");
    }
}
