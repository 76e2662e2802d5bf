package ai.consilium.tracking.lines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class JsonLinesTest {
    private static final Function<JsonNode, String> BY_A =
            line -> line.path("a").asText();

    @TempDir
    Path dir;

    @Test
    void givenALineAboutTheSameWhenAddedThenTheFirstStands() throws Exception {
        JsonLines lines = new JsonLines(dir.resolve("x.jsonl"), BY_A);

        assertThat(lines.add("{\"a\":1,\"b\":2}")).isTrue();
        assertThat(lines.add("{\"a\":1,\"b\":3}")).isFalse();

        assertThat(dir.resolve("x.jsonl")).hasContent("{\"a\":1,\"b\":2}\n");
    }

    @Test
    void givenAKillAtAnyByteWhenOpenedAgainThenTheFileBecomesWhatItWouldHaveBeen() throws Exception {
        Path file = dir.resolve("x.jsonl");
        String whole = "{\"a\":1}\n{\"a\":22}\n{\"a\":3}\n";
        for (int cut = 0; cut <= whole.length(); cut++) {
            Files.writeString(file, whole.substring(0, cut));

            JsonLines lines = new JsonLines(file, BY_A);
            for (String line : whole.lines().toList()) {
                lines.add(line);
            }

            assertThat(file).as("cut at %d", cut).hasContent(whole);
        }
    }

    @Test
    void givenAnUnfinishedLineWhenReadThenItIsNotThereYet() throws Exception {
        Path file = Files.writeString(dir.resolve("x.jsonl"), "{\"a\":1}\n{\"a\":2}\n{\"a\"");

        assertThat(JsonLines.from(file, 1)).containsExactly("{\"a\":2}");
        assertThat(JsonLines.from(file, 7)).isEmpty();
        assertThat(JsonLines.from(dir.resolve("none"), 0)).isEmpty();
    }
}
