package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.testing.EmbeddedCluster;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium doctor}. */
class DoctorIT {
    private static final String MODEL = "--set=model=../models/tiny";

    @Test
    void givenThisMachineThenTheDefaultRunWouldGo() throws IOException {
        CommandLineRun run = CommandLineRun.of("doctor", MODEL, "-o", "json");

        assertThat(run.code()).as(run.text()).isZero();
        List<String> subjects = new ArrayList<>();
        for (JsonNode finding : new ObjectMapper().readTree(run.text())) {
            subjects.add(finding.path("subject").asText());
            assertThat(finding.path("status").asText()).isNotEqualTo("PROBLEM");
        }
        assertThat(subjects)
                .containsExactly(
                        "version",
                        "processors",
                        "memory",
                        "allocator",
                        "disk",
                        "libtorch",
                        "model",
                        "need",
                        "prompts",
                        "scorers",
                        "cases",
                        "ports",
                        "cluster");
    }

    @Test
    void givenAClusterThenItIsAskedWhatItIs() {
        try (EmbeddedCluster cluster = EmbeddedCluster.start()) {
            CommandLineRun run = CommandLineRun.of(
                    "doctor",
                    MODEL,
                    "--set=kafka.bootstrap.servers=" + cluster.bootstrapServers(),
                    "--set=schema_registry.url=" + cluster.registryUrl());

            assertThat(run.code()).as(run.text()).isZero();
            assertThat(run.text())
                    .contains(
                            "warning  cluster     1 broker and a schema registry answer",
                            "-> a lost broker loses the run");
        }
    }

    @Test
    void givenWhatARunWouldStumbleOverThenEachIsNamedOnce(@TempDir Path empty) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandLineRun run = CommandLineRun.of(
                    "doctor",
                    "--set=model=" + empty,
                    "--cases=" + empty,
                    "--set=kafka.port=" + taken.getLocalPort(),
                    "--set=rollout.engine=vllm",
                    "--set=rollout.vllm.urls=[http://127.0.0.1:1]");

            assertThat(run.code()).isEqualTo(1);
            assertThat(run.text().lines().filter(line -> line.startsWith("problem")))
                    .satisfiesExactly(
                            line -> assertThat(line).contains("model", "lacks config.json"),
                            line -> assertThat(line).contains("cases", "train.jsonl"),
                            line -> assertThat(line)
                                    .contains("ports", taken.getLocalPort() + " on 127.0.0.1 is in use"),
                            line -> assertThat(line).contains("vllm", "http://127.0.0.1:1: cannot connect"));
        }
    }
}
