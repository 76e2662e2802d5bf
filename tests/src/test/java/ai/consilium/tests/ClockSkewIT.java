package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Hosts whose clocks are forty days off do no work in a run, and say why; the others go on. Needs libfaketime. */
class ClockSkewIT {
    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenHostsWhoseClocksAreFarOffThenTheyAreRefusedByNameAndTheRunGoesOnWithTheOthers() throws Exception {
        Optional<Path> library = faketime();
        assumeTrue(library.isPresent(), "libfaketime is not installed: no clock can be shifted");
        try (WatchedRun run = new WatchedRun(cluster, directory, "skewed", "steps: 100000")) {
            run.start("scheduler");
            run.start("monitor");

            assertRefused(run.launch("rollout", "rollout-ahead", shifted(library.get(), "+40d")), "ahead of");
            assertRefused(run.launch("reward", "reward-behind", shifted(library.get(), "-40d")), "behind");

            List.of("advantage", "reward", "merger", "learner", "rollout").forEach(run::start);
            run.untilTrained();
        }
    }

    private static void assertRefused(RunProcess process, String how) throws Exception {
        assertThat(process.exit()).as(process.errors()).isEqualTo(2);
        assertThat(process.errors())
                .contains("consilium: the clock of this host is ", " days " + how + " the brokers'")
                .doesNotContain("\tat ");
    }

    private static Map<String, String> shifted(Path library, String by) {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME",
                by,
                // Timers are not what is tried.
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "DONT_FAKE_MONOTONIC",
                "1");
    }

    /** Where Debian's package has it. */
    private static Optional<Path> faketime() throws IOException {
        Path libraries = Path.of("/usr/lib");
        if (!Files.isDirectory(libraries)) {
            return Optional.empty();
        }
        try (Stream<Path> within = Files.list(libraries)) {
            return within.map(one -> one.resolve("faketime/libfaketime.so.1"))
                    .filter(Files::exists)
                    .findFirst();
        }
    }
}
