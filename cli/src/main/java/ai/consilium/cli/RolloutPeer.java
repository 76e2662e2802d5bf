package ai.consilium.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The peer's process: it loads once, then does the whole workload each time it is asked, one line of JSON each. */
final class RolloutPeer implements AutoCloseable {
    static final String INTERPRETER = "CONSILIUM_PEER_PYTHON";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedReader replies;
    private final BufferedWriter questions;

    /**
     * What it did.
     *
     * @param seconds wall time
     * @param cpuSeconds of its process
     * @param decodeSeconds of these, after the first token of each batch
     * @param batch rows
     * @param about its versions
     */
    record Reply(double seconds, double cpuSeconds, double decodeSeconds, int batch, String about) {}

    private RolloutPeer(Process process) {
        this.process = process;
        this.replies = process.inputReader(UTF_8);
        this.questions = process.outputWriter(UTF_8);
    }

    /**
     * Starts it.
     *
     * @param interpreter Python with the packages of tests/peers/requirements.txt
     * @throws UsageException when there is none
     */
    static RolloutPeer start(String interpreter, Path model, Path workload, String dtype, int threads)
            throws IOException {
        Path script = Home.resolve("tests/peers/rollout_peer.py");
        if (!Files.isExecutable(Path.of(interpreter))) {
            throw new UsageException(INTERPRETER + ": " + interpreter + " is no interpreter");
        }
        return new RolloutPeer(new ProcessBuilder(List.of(
                        interpreter,
                        script.toString(),
                        model.toAbsolutePath().toString(),
                        workload.toString(),
                        dtype,
                        Integer.toString(threads)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    Reply run() throws IOException {
        questions.write("run\n");
        questions.flush();
        String line = replies.readLine();
        if (line == null) {
            throw new IllegalStateException("the peer ended; what it said is above");
        }
        JsonNode reply = JSON.readTree(line);
        return new Reply(
                reply.get("seconds").asDouble(),
                reply.get("cpu_seconds").asDouble(),
                reply.get("decode_seconds").asDouble(),
                reply.get("batch").asInt(),
                reply.get("about").asText());
    }

    @Override
    public void close() {
        process.destroy();
    }
}
