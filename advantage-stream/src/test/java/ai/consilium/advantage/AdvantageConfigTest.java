package ai.consilium.advantage;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AdvantageConfigTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);

    @Test
    void givenWhatCannotWorkThenTheMessageNamesTheKey() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdvantageConfig(0, SECOND, SECOND, HOUR))
                .withMessageContaining("threads");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdvantageConfig(1, Duration.ZERO, SECOND, HOUR))
                .withMessageContaining("commit_interval");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdvantageConfig(1, SECOND, Duration.ZERO, HOUR))
                .withMessageContaining("deadline_check_interval");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdvantageConfig(1, SECOND, SECOND, SECOND))
                .withMessageContaining("closed_retention");
    }
}
