package ai.consilium.monitor.samples;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    /**
     * The same with one sample of it alone, and the prompt that it answers, neither longer than this.
     *
     * @param sample its place in the group
     * @param mostTokens of the completion
     * @param mostText characters of the prompt
     */
    public GroupView only(int sample, int mostTokens, int mostText) {
        List<Sample> one = samples.stream()
                // Of several attempts one counted.
                .filter(it -> it.sample() == sample)
                .sorted(Comparator.comparing(it -> it.advantage() == null))
                .limit(1)
                .map(it -> it.first(mostTokens))
                .toList();
        Map<String, String> asked = new TreeMap<>();
        one.forEach(it -> {
            String prompt = prompts.get(it.perspective());
            if (prompt != null) {
                boolean whole = prompt.length() <= mostText;
                asked.put(it.perspective(), whole ? prompt : prompt.substring(0, mostText) + CUT);
            }
        });
        return new GroupView(
                summary, caseFile, asked, images, problem, admittedAt, temperature, estimator, closed, one);
    }

    private static final String CUT = " [cut here]";

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
            List<Given> scores) {
        /** The same with its first tokens only, where it has more. */
        Sample first(int tokens) {
            if (probabilities.size() <= tokens) {
                return this;
            }
            // Without a tokenizer the whole text is one piece, which cannot be cut by tokens.
            if (pieces.size() != probabilities.size()) {
                return this;
            }
            List<String> shown = new ArrayList<>(pieces.subList(0, tokens));
            List<Float> likely = new ArrayList<>(probabilities.subList(0, tokens));
            shown.add(CUT);
            likely.add(1f);
            return new Sample(
                    sample,
                    perspective,
                    trajectoryId,
                    promptAsShown,
                    finished,
                    worker,
                    shown,
                    likely,
                    sampledBy,
                    truncated,
                    advantage,
                    parts,
                    scores);
        }
    }

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
