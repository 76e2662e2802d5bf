package ai.consilium.tracking.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.tracking.lines.MetricLine;
import ai.consilium.tracking.tensorboard.EventReader.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class TensorBoardFilesTest {
    private static final List<MetricLine> LINES = List.of(
            line("pediatrics", 0, Map.of("loss", 2.5)),
            line("oncology", 0, Map.of()),
            line("pediatrics", 1, Map.of("reward/mean", 0.5, "actor/entropy", Double.NaN)),
            line("pediatrics", 300, Map.of("reward/mean", -1.0e-9)));

    @TempDir
    Path dir;

    private static MetricLine line(String policy, long version, Map<String, Double> figures) {
        return new MetricLine(policy, version, "reinforcement", 1_764_400_000_500L + version, new TreeMap<>(figures));
    }

    private Path file() {
        return dir.resolve("tensorboard/pediatrics/events.out.tfevents.1764400000.consilium");
    }

    private byte[] written() throws IOException {
        TensorBoardFiles files = new TensorBoardFiles(dir, List.of());
        for (MetricLine line : LINES) {
            files.add(line);
        }
        return Files.readAllBytes(file());
    }

    @Test
    void givenLinesWhenWrittenThenAReaderFindsEachFigureAtItsStep() throws Exception {
        List<Event> events = EventReader.read(written());

        assertThat(events)
                .containsExactly(
                        new Event(1_764_400_000, 0, "brain.Event:2", Map.of()),
                        new Event(1_764_400_000.5, 0, "", Map.of("loss", 2.5f)),
                        new Event(1_764_400_000.501, 1, "", Map.of("reward/mean", 0.5f, "actor/entropy", Float.NaN)),
                        new Event(1_764_400_000.8, 300, "", Map.of("reward/mean", -1.0e-9f)));
        assertThat(dir.resolve("tensorboard/oncology")).isDirectoryContaining("glob:**.consilium");
    }

    @Test
    void givenAKillAtAnyByteWhenBegunAgainThenTheFileBecomesWhatItWouldHaveBeen() throws Exception {
        byte[] whole = written();
        for (int cut = 0; cut < whole.length; cut++) {
            Files.write(file(), Arrays.copyOf(whole, cut));

            TensorBoardFiles resumed = new TensorBoardFiles(dir, LINES.subList(0, 3));
            resumed.add(LINES.get(3));

            assertThat(file()).as("cut at %d", cut).hasBinaryContent(whole);
        }
    }
}
