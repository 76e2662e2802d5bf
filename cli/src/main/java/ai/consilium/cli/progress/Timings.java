package ai.consilium.cli.progress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Seconds of every phase of a run, in the order in which the phases began, and what else it cost. */
public final class Timings {
    /** Written last by whoever writes it: where it lies, the work is done. */
    public static final String FILE = "timings.json";

    static final String SAMPLED_TOKENS = "sampled_tokens";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    private final long start = System.nanoTime();
    private String phase = "";
    private long phaseStart;

    /** Tokens that a finished run sampled; empty where it sampled none, or is of a time that did not count them. */
    public static OptionalLong sampledTokens(Path runDirectory) throws IOException {
        JsonNode tokens = JSON.readTree(runDirectory.resolve(FILE).toFile()).path(SAMPLED_TOKENS);
        return tokens.isNumber() ? OptionalLong.of(tokens.asLong()) : OptionalLong.empty();
    }

    /** Ends the phase under way, if any, and begins another. */
    public synchronized void begin(String next) {
        end();
        phase = next;
        phaseStart = System.nanoTime();
    }

    /** Ends the phase under way. */
    synchronized void end() {
        if (!phase.isEmpty()) {
            seconds.merge(phase, (System.nanoTime() - phaseStart) / 1e9, Double::sum);
            phase = "";
        }
    }

    /** Adds a figure that was measured elsewhere. */
    synchronized void put(String name, double value) {
        seconds.put(name, value);
    }

    /** Seconds of a phase so far. */
    public synchronized double of(String name) {
        double running = phase.equals(name) ? (System.nanoTime() - phaseStart) / 1e9 : 0;
        return seconds.getOrDefault(name, 0.0) + running;
    }

    /** Seconds since the start. */
    public double total() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Writes timings.json. */
    public synchronized void write(Path runDirectory) throws IOException {
        end();
        Map<String, Double> all = new LinkedHashMap<>(seconds);
        all.put("total", total());
        JSON.writeValue(runDirectory.resolve(FILE).toFile(), all);
    }
}
