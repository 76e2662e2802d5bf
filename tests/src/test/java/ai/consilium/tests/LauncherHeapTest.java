package ai.consilium.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher gives the JVM, told by a stand-in that prints its arguments and its allocator. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class LauncherHeapTest {
    private static final String JAVA = """
            #!/usr/bin/env bash
            case "$*" in
              *-XshowSettings*) echo "java.specification.version = 17" ;;
              *) printf '%s\\n' "$@" "LD_PRELOAD=${LD_PRELOAD:-}" "MALLOC_CONF=${MALLOC_CONF:-}" ;;
            esac
            """;

    @TempDir
    private Path home;

    @BeforeEach
    void install() throws IOException {
        Files.createDirectory(home.resolve("lib"));
        Files.copy(
                Path.of("..", "consilium"),
                home.resolve("consilium"),
                java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        Path java = Files.createDirectories(home.resolve("jre/bin")).resolve("java");
        Files.writeString(java, JAVA);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> flags(Map<String, String> environment, String... arguments) throws Exception {
        Started started = start(environment, arguments);
        assertThat(started.code()).as("%s", started.lines()).isZero();
        return started.lines();
    }

    private record Started(int code, List<String> lines) {}

    private Started start(Map<String, String> environment, String... arguments) throws Exception {
        ProcessBuilder launcher = new ProcessBuilder(home.resolve("consilium").toString());
        launcher.command().addAll(List.of(arguments));
        launcher.environment().put("JAVA_HOME", home.resolve("jre").toString());
        launcher.environment().putAll(environment);
        Process process = launcher.redirectErrorStream(true).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        return new Started(process.waitFor(), lines);
    }

    private static long heap(List<String> flags) {
        String last = flags.stream()
                .filter(flag -> flag.matches("-Xmx\\d+m"))
                .reduce((first, second) -> second)
                .orElseThrow();
        return Long.parseLong(last.substring(4, last.length() - 1));
    }

    @Test
    void givenRolesWhenStartedThenNoHeapTakesTheMemoryOfTheTensors() throws Exception {
        for (String[] role : new String[][] {{"train"}, {"run", "learner"}, {"run", "monitor"}, {"run", "advantage"}}) {
            List<String> flags = flags(Map.of(), role);
            String total = Files.readAllLines(Path.of("/proc/meminfo")).get(0).replaceAll("\\D", "");
            assertThat(heap(flags)).isBetween(64L, Long.parseLong(total) / 1024 / 2);
            assertThat(flags).contains("-XX:+UseSerialGC", "ai.consilium.cli.Consilium");
            assertThat(flags.contains("-XX:TieredStopAtLevel=1"))
                    .isNotEqualTo(role[role.length - 1].equals("advantage"));
        }
    }

    @Test
    void givenAMonitorWhenStartedThenItsHeapBeginsSmallAndShrinksAgain() throws Exception {
        for (String[] role : new String[][] {{"monitor"}, {"run", "monitor"}}) {
            assertThat(flags(Map.of(), role)).contains("-Xms32m", "-XX:MaxHeapFreeRatio=20");
        }
        assertThat(flags(Map.of(), "train")).contains("-Xms256m").doesNotContain("-XX:MaxHeapFreeRatio=20");
    }

    @Test
    void givenAnAllocatorThenItIsPreloadedWhereTensorsAreAndTheUsersChoiceWins() throws Exception {
        Path library = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .map(line -> line.replaceFirst("^[^/]*", ""))
                .filter(file -> file.matches(".*/libc\\.so.*"))
                .map(Path::of)
                .findFirst()
                .orElseThrow();

        assertThat(flags(Map.of("CONSILIUM_MALLOC", library.toString()), "train"))
                .contains("LD_PRELOAD=" + library)
                .anyMatch(line -> line.startsWith("MALLOC_CONF=dirty_decay_ms:"));
        assertThat(flags(Map.of("CONSILIUM_MALLOC", "libc"), "train")).contains("LD_PRELOAD=", "MALLOC_CONF=");
        assertThat(flags(Map.of("LD_PRELOAD", library.toString()), "train"))
                .contains("LD_PRELOAD=" + library, "MALLOC_CONF=");
        assertThat(flags(Map.of("CONSILIUM_MALLOC", library.toString()), "run", "monitor"))
                .contains("LD_PRELOAD=");
        Started missing = start(Map.of("CONSILIUM_MALLOC", "/no/such.so"), "train");
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.lines())
                .contains("consilium: CONSILIUM_MALLOC: no file '/no/such.so': give a library to preload, or libc");
    }

    @Test
    void givenOptionsOfTheUserWhenStartedThenTheyWin() throws Exception {
        assertThat(heap(flags(Map.of("CONSILIUM_JAVA_OPTS", "-Dx=y -Xmx77m"), "train")))
                .isEqualTo(77);
    }
}
