package ai.consilium.rollout.engine;

import ai.consilium.cases.prompt.PromptText;
import ai.consilium.platform.service.Impediment;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Span;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * What turns prompts into completions, for all workers of a process. It is given text, the files of images and the newest
 * version of each policy's adapter, and answers with token ids, their log-probabilities and which version sampled which of
 * them; how it computes is its own affair. Thread-safe.
 */
public interface InferenceEngine extends AutoCloseable {
    /**
     * A group as text.
     *
     * @param name for errors
     * @param prompts of its samples, in their order; at least one
     * @param images files, in the order in which the prompts show them
     * @param seed that, together with sample index and position, decides what is drawn
     */
    record GroupText(String name, List<PromptText> prompts, List<Path> images, long seed) {
        public GroupText {
            prompts = List.copyOf(prompts);
            images = List.copyOf(images);
        }
    }

    /** A group that an engine has checked and encoded for itself; only that engine can sample it. */
    interface Prepared {
        /** SHA-256 (hex) of each sample's prompt tokens, images expanded, in sample order; the learner compares it. */
        List<String> promptHashes();
    }

    /**
     * One sample.
     *
     * @param tokens ids, the end token included when it was sampled
     * @param logprobs of each token under the tempered distribution that it was drawn from
     * @param spans which version sampled which tokens; they cover all
     * @param text of the tokens, special ones included
     * @param truncated cut at the length limit
     */
    record Completion(int[] tokens, float[] logprobs, List<Span> spans, String text, boolean truncated) {
        public Completion {
            spans = List.copyOf(spans);
        }
    }

    /**
     * What an engine has done.
     *
     * @param tokens sampled, those of groups that are under way included: as long as it grows, the engine gets on
     * @param processor time of this process's processors that they took; zero where another process samples
     */
    record Work(long tokens, Duration processor) {}

    /**
     * Makes a group ready.
     *
     * @throws ai.consilium.cases.format.CaseException when text and images do not fit together
     * @throws ai.consilium.policy.ModelException when an image cannot be used, or the prompt is longer than the engine can hold
     */
    Prepared prepare(GroupText group);

    /**
     * From now on this version samples for its policy, or as soon as the engine has it. What is under way goes on with this
     * version or the one before, as its spans say.
     */
    void use(AdapterVersion adapter);

    /** Nothing will be asked of this policy again, unless it is used anew; what is under way goes on. */
    void drop(String policy);

    /**
     * Queues a group, to be sampled by its policy's newest version, of which there must be one. An outage of another process
     * is the engine's own affair: it tries again until the future is cancelled, which gives the group up.
     *
     * @param group that this engine prepared
     * @return completions in sample order. It fails with {@link ai.consilium.policy.ModelException} when this group can never
     *     be sampled, and with anything else when the engine can sample no more
     */
    CompletableFuture<List<Completion>> sample(String policy, Prepared group, Sampling sampling);

    /** What it has done so far. */
    Work work();

    /** Tells whether the engine has got on since it was asked last: by its tokens, and by its work on what takes long. */
    default BooleanSupplier progress() {
        AtomicLong seen = new AtomicLong();
        return () -> {
            long tokens = work().tokens();
            return seen.getAndSet(tokens) != tokens;
        };
    }

    /** What keeps it from sampling, for people; empty when nothing does. */
    Optional<String> impediment();

    /** What is wrong with the servers that it asks, each by itself: others may sample nevertheless. */
    default List<Impediment> impediments() {
        return List.of();
    }

    /** Ends it; futures that are open fail. */
    @Override
    void close();
}
