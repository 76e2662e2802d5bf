package ai.consilium.cli.build;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one case under one perspective: a line of traces.jsonl.
 *
 * @param trace that is kept, or null
 * @param score the guideline's of that trace, or null
 * @param attempts in order; the last one is kept, if any is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TraceOutcome(
        String id,
        String specialty,
        String perspective,
        @Nullable String trace,
        @Nullable Double score,
        List<Attempt> attempts) {
    /** What the result of an attempt says of a trace that is kept. */
    static final String KEPT = "kept";

    /**
     * One question to the teacher.
     *
     * @param request SHA-256 of what was asked, by which the cache names the reply; empty where nothing was
     * @param result kept, or the reason of a refusal
     * @param detail for people
     * @param model that answered, as the server calls it
     */
    record Attempt(
            String request, String result, String detail, String model, long promptTokens, long completionTokens) {}

    /** Keeps a copy. */
    public TraceOutcome {
        attempts = List.copyOf(attempts);
    }

    boolean kept() {
        return trace != null;
    }
}
