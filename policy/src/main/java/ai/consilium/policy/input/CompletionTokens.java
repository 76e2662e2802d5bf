package ai.consilium.policy.input;

import ai.consilium.policy.config.QwenConfig;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The ids that a completion may hold: those of the tokenizer's tokens. {@code vocab_size} of a config is rounded up and so
 * larger; the rows of the head behind the last token belong to none. Placeholders of images and videos are none either: what
 * reads a sequence again, as the learner does, would look for their features.
 *
 * @param ids the largest id of a token, plus one
 * @param suppressed ids below that which a completion never holds
 */
public record CompletionTokens(int ids, SortedSet<Integer> suppressed) {
    /** Of a model. */
    public static CompletionTokens of(QwenConfig config, Tokenizer tokenizer) {
        int ids = tokenizer.size();
        Set<Integer> known = tokenizer.ids();
        SortedSet<Integer> suppressed = new TreeSet<>();
        IntStream.range(0, ids).filter(id -> !known.contains(id)).forEach(suppressed::add);
        suppressed.add(config.imageToken());
        config.videoToken().ifPresent(suppressed::add);
        suppressed.removeIf(id -> id >= ids);
        return new CompletionTokens(ids, suppressed);
    }

    /** Whether a completion may hold an id. */
    public boolean contains(int id) {
        return id >= 0 && id < ids && !suppressed.contains(id);
    }
}
