package ai.consilium.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A peer's process: it loads once, then does the work each time it is asked, one line of JSON each. */
final class BenchPeer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long GRACE_SECONDS = 10;

    private final Process process;
    private final BufferedReader replies;
    private final BufferedWriter questions;

    private BenchPeer(Process process) {
        this.process = process;
        this.replies = process.inputReader(UTF_8);
        this.questions = process.outputWriter(UTF_8);
    }

    /**
     * Starts it.
     *
     * @param program interpreter and script
     * @param model directory
     * @param workload directory
     */
    static BenchPeer start(List<Path> program, Path model, Path workload, String dtype, int threads)
            throws IOException {
        return new BenchPeer(new ProcessBuilder(List.of(
                        program.get(0).toString(),
                        program.get(1).toString(),
                        model.toAbsolutePath().toString(),
                        workload.toString(),
                        dtype,
                        Integer.toString(threads)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /**
     * Does the work once.
     *
     * @return what it took: wall "seconds", "cpu_seconds" of its process, its versions in "about", and more
     * @throws UsageException when it ended instead: it said why on standard error
     */
    JsonNode run() throws IOException {
        String line = ask();
        if (line == null) {
            throw new UsageException("the comparison process exited; its output is above");
        }
        return JSON.readTree(line);
    }

    /** @return null when it has ended */
    private @Nullable String ask() throws IOException {
        try {
            questions.write("run\n");
            questions.flush();
        } catch (IOException e) {
            if (process.isAlive()) {
                throw e;
            }
            return null;
        }
        return replies.readLine();
    }

    @Override
    public void close() {
        // vLLM's own processes outlive it, or it waits for them while they wait for it.
        List<ProcessHandle> own = process.descendants().toList();
        process.destroy();
        try {
            process.onExit().orTimeout(GRACE_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException stillThere) {
            process.destroyForcibly();
            process.onExit().join();
        }
        own.forEach(ProcessHandle::destroyForcibly);
    }
}
