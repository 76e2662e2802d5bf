package ai.consilium.cli.build;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes every outcome as it comes: what was kept, what was refused and why. Thread-safe. */
final class TraceLog implements AutoCloseable {
    static final String FILE = "traces.jsonl";

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final BufferedWriter out;

    /** Begins anew: what was answered before comes again at once, from the cache. */
    TraceLog(Path directory) throws IOException {
        out = Files.newBufferedWriter(directory.resolve(FILE));
    }

    synchronized void add(TraceOutcome outcome) {
        try {
            out.write(JSON.writeValueAsString(outcome));
            out.newLine();
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
