package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The launcher on what the build has made: its class path lacks nothing, logging least of all. */
class LauncherIT {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenTheBuiltSourcesWhenTheLauncherStartsARoleThenItServesAndOpensItsLog() throws Exception {
        Path run = directory.resolve("cluster");
        Path said = directory.resolve("said");
        ProcessBuilder launcher = new ProcessBuilder("../consilium", "run", "dev-cluster", "--run-dir", run.toString());
        launcher.environment().put("CONSILIUM_NO_BUILD", "1");
        Process process =
                launcher.redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            await().atMost(RunProcess.PATIENCE).until(() -> {
                assertThat(process.isAlive()).as(Files.readString(said)).isTrue();
                return Files.readString(said).contains("schema_registry.url=http://127.0.0.1:");
            });
            assertThat(run.resolve("consilium.log")).exists();
        } finally {
            process.destroy();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(said).content().doesNotContain("SLF4J");
    }
}
