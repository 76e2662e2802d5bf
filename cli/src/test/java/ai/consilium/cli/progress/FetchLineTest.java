package ai.consilium.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.fetch.FetchProgress.Stage;
import org.junit.jupiter.api.Test;

class FetchLineTest {
    private static final String SOURCE = "s3://models/7b";

    @Test
    void givenLengthsOfAllFilesThenItSaysHowLongItWillTake() {
        assertThat(FetchLine.render(new Stage(SOURCE, 3, 9, 4_000_000_000L, 16_000_000_000L), 50))
                .isEqualTo("fetching s3://models/7b: 3 of 9 files, 4,000 of 16,000 MB, 80.0 MB/s, 02:30 left");
    }

    @Test
    void givenFilesOfUnknownLengthThenItSaysWhatCame() {
        assertThat(FetchLine.render(new Stage(SOURCE, 1200, 20_000, 36_000_000, -1), 10))
                .isEqualTo("fetching s3://models/7b: 1,200 of 20,000 files, 36 MB, 3.6 MB/s");
    }

    @Test
    void givenNothingYetThenItPromisesNothing() {
        assertThat(FetchLine.render(new Stage(SOURCE, 0, 1, 0, 1_000_000), 3))
                .isEqualTo("fetching s3://models/7b: 0 of 1 files, 0 of 1 MB, 0.0 MB/s");
    }
}
