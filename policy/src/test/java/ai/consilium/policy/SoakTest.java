package ai.consilium.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Resident memory stays within 5 % over sampling and training steps: 200, or -Dconsilium.soak.steps=2000. */
@Tag("soak")
@SuppressWarnings("NullAway.Init") // JUnit fills the field
class SoakTest {
    @TempDir
    Path directory;

    @Test
    @EnabledOnOs(OS.LINUX) // reads /proc
    void givenManyStepsThenMemoryStaysWhereItWasAfterTheFirstQuarter() throws Exception {
        int steps = Integer.getInteger("consilium.soak.steps", 200);
        Path output = directory.resolve("output.txt");
        // The heap is touched at the start, so that all growth is native.
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms192m",
                        "-Xmx192m",
                        "-XX:+AlwaysPreTouch",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Soak.class.getName(),
                        Integer.toString(steps),
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(steps, TimeUnit.SECONDS);
        process.destroyForcibly();
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        assertThat(ended && process.exitValue() == 0).as(String.join("\n", lines)).isTrue();

        Map<String, Long> figures = new TreeMap<>();
        lines.stream()
                .filter(line -> line.matches("(warm|end|scopes) -?\\d+"))
                .forEach(line -> figures.put(line.split(" ")[0], Long.parseLong(line.split(" ")[1])));
        System.out.println(steps + " steps: kB resident " + figures);
        assertThat(figures).containsOnlyKeys("warm", "end", "scopes");
        assertThat(figures.get("scopes")).as("scopes left open").isLessThanOrEqualTo(0);
        assertThat((double) figures.get("end") / figures.get("warm"))
                .as("growth of resident memory")
                .isLessThan(1.05);
    }
}
