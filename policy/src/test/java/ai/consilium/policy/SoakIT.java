package ai.consilium.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Resident memory stays within 5 % over sampling and training steps: 2,000, or -Dconsilium.soak.steps. */
@Tag("soak")
@SuppressWarnings("NullAway.Init") // JUnit fills the field
class SoakIT {
    @TempDir
    Path directory;

    private static final Pattern FIGURE = Pattern.compile("(warm|end|scopes) (-?\\d+)");

    @Test
    @EnabledOnOs(OS.LINUX) // reads /proc
    void givenManyStepsThenMemoryStaysWhereItWasAfterTheFirstOnes() throws Exception {
        int steps = Integer.getInteger("consilium.soak.steps", 2000);
        Path output = directory.resolve("output.txt");
        // The launcher's flags, and a heap that is touched at the start, so that all growth is native.
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
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
        assertThat(ended && process.exitValue() == 0)
                .as(String.join("\n", lines))
                .isTrue();

        Map<String, Long> figures = new TreeMap<>();
        for (String line : lines) {
            Matcher figure = FIGURE.matcher(line);
            if (figure.matches()) {
                figures.put(figure.group(1), Long.parseLong(figure.group(2)));
            }
        }
        System.out.println(steps + " steps: kB resident " + figures);
        assertThat(figures).containsOnlyKeys("warm", "end", "scopes");
        assertThat(figures.getOrDefault("scopes", 1L)).as("scopes left open").isLessThanOrEqualTo(0);
        assertThat((double) figures.getOrDefault("end", 0L) / figures.getOrDefault("warm", 1L))
                .as("growth of resident memory")
                .isLessThan(1.05);
    }
}
