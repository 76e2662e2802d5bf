package ai.consilium.monitor.samples;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group as the page shows it; {@code /api/sample} in JSON.
 *
 * @param summary what the list has
 * @param caseFile file of the case
 * @param prompts by perspective, as the model saw them
 * @param images of the case
 * @param problem why prompts, images or the text of tokens are missing; null where nothing is
 * @param admittedAt version that the scheduler had seen
 * @param temperature of sampling
 * @param estimator of its advantages; null where none were published
 * @param closed complete or partial; null where no advantages were published
 * @param samples in order; of a sample that was sampled again, all
 */
public record GroupView(
        GroupIndex.Summary summary,
        String caseFile,
        Map<String, String> prompts,
        List<Picture> images,
        @Nullable String problem,
        long admittedAt,
        double temperature,
        @Nullable String estimator,
        @Nullable String closed,
        List<Sample> samples) {
    /** An image, which {@code /api/image} has under its hash. */
    public record Picture(String name, String sha256) {}

    /**
     * One completion.
     *
     * @param promptAsShown whether the prompt of its perspective has the ids that it was sampled from; null where that is unknown
     * @param finished stop or length
     * @param pieces text of its tokens; the whole text where there is no tokenizer here
     * @param probabilities of the tokens, as many as tokens
     * @param sampledBy versions, in order
     * @param truncated whether it was cut, and left out of the loss
     * @param advantage null where it did not count
     * @param parts of the advantage, by name
     */
    public record Sample(
            int sample,
            String perspective,
            String trajectoryId,
            @Nullable Boolean promptAsShown,
            String finished,
            String worker,
            List<String> pieces,
            List<Float> probabilities,
            List<Sampled> sampledBy,
            boolean truncated,
            @Nullable Double advantage,
            Map<String, Double> parts,
            List<Given> scores) {}

    /**
     * Tokens of one version.
     *
     * @param from first token
     * @param to one past the last
     */
    public record Sampled(long version, int from, int to) {}

    /**
     * A scorer's verdict.
     *
     * @param value null is unscored
     * @param unscored why there is no value
     */
    public record Given(
            String scorer,
            String version,
            @Nullable Double value,
            @Nullable String unscored,
            List<String> evidence,
            boolean shadow,
            boolean late) {}
}
