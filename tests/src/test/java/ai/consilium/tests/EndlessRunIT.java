package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.UnifiedAgent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A run without an end, which is told to pause, to go on and to stop. */
@SuppressWarnings("NullAway.Init") // JUnit and the test fill the fields
class EndlessRunIT {
    private static final int STEPS = 2;
    private static final int BATCH = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private Path run;

    @Test
    void givenARunWithoutAnEndWhenToldToPauseGoAndStopThenItDoesAndEveryGroupIsAccountedFor() throws Exception {
        run = directory.resolve("endless");
        // given a run in its second round
        try (RunProcess train = SmallRun.train(
                directory, run, "--set", "rounds=0", "--set", "steps=" + STEPS, "--set", "fold_agent=true")) {
            train.awaitAnnounced("live page");
            awaitRound(2);

            // when it is paused, then what is open ends, but for less than a batch, and nothing new begins
            control("the run is paused", "pause");
            await().atMost(RunProcess.PATIENCE).until(() -> lessThanABatchIsOpen(status()));
            long prompts = prompts(status());
            await().during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> prompts(status()) == prompts);
            assertThat(status().path("control").asText()).isEqualTo("pause");
            assertThat(train.picture().orElseThrow().path("sentence").asText()).contains("the run is paused");
            assertThat(control("already", "pause")).contains("the run is paused");

            // when it goes on, then so it does
            control("the run goes on", "go");
            await().atMost(RunProcess.PATIENCE).until(() -> prompts(status()) > prompts);
            assertThat(train.picture().orElseThrow().path("sentence").asText()).doesNotContain("paused");

            // when it is stopped at once, then its process ends as one that can be resumed
            control("the run is stopped", "stop", "--now");
            assertThat(train.exit()).as(train.errors()).isZero();
            assertThat(train.errors()).contains("stopped; resume with: ./consilium train --resume");
        }
        assertThat(status().path("finished").asBoolean()).isFalse();

        // when it is resumed and told to stop
        try (RunProcess train =
                RunProcess.start(directory, "resumed", Map.of(), "train", "--resume", "--run-dir", run.toString())) {
            train.awaitAnnounced("live page");
            control("the run ends with this round", "stop");

            // then the round under way is its last
            assertThat(train.succeed()).contains("base", "dsa", "rl", "unified");
        }
        JsonNode status = status();
        int rounds = status.path("round").asInt();
        assertThat(status.path("finished").asBoolean()).isTrue();
        assertThat(rounds).isGreaterThanOrEqualTo(2);
        List<PolicyUpdate> updates = SmallRun.updates(run);
        SmallRun.assertTrainedOnce(updates, STEPS, SmallRun.CONSOLIDATION_STEPS, rounds);
        SmallRun.assertBalanced(SmallRun.describe(run), rounds * SmallRun.trained(STEPS, BATCH));
        assertThat(updates)
                .filteredOn(UnifiedAgent::endsRun)
                .singleElement()
                .satisfies(last -> assertThat(last.getRound()).isEqualTo(rounds - 1));
        assertThat(CommandLineRun.of(
                                "control",
                                "go",
                                "--run-dir",
                                directory.resolve("none").toString())
                        .code())
                .isEqualTo(2);
    }

    private String control(String told, String... what) {
        List<String> arguments = new ArrayList<>(List.of("control"));
        arguments.addAll(List.of(what));
        arguments.addAll(List.of("--run-dir", run.toString()));
        CommandLineRun command = CommandLineRun.of(arguments.toArray(String[]::new));
        assertThat(command.code()).as(String.join("\n", command.errors())).isZero();
        assertThat(command.text()).contains(told);
        return command.text();
    }

    private void awaitRound(int round) {
        await().atMost(RunProcess.PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> status().path("round").asInt() >= round);
    }

    private JsonNode status() throws IOException {
        CommandLineRun status = CommandLineRun.of("status", "-o", "json", "--run-dir", run.toString());
        // It has no manifest yet.
        return status.code() == 0 ? JSON.readTree(status.text()) : JSON.createObjectNode();
    }

    private static boolean lessThanABatchIsOpen(JsonNode status) {
        return groups(status, "open").allMatch(open -> open < BATCH);
    }

    private static long prompts(JsonNode status) {
        return groups(status, "prompts").sum();
    }

    private static LongStream groups(JsonNode status, String what) {
        return StreamSupport.stream(status.path("policies").spliterator(), false)
                .mapToLong(policy -> policy.path("groups").path(what).asLong());
    }
}
