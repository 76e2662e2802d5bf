package ai.consilium.reward.scorer;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.grading.EndTokens;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a scorer is shown: a completion and the case that it answers.
 *
 * @param id trajectory id; equal for redeliveries, so that a remote scorer can recognise them
 * @param about the case, its label and evidence included
 * @param completion decoded text, special tokens included
 * @param perspective perspective whose instruction it was sampled under
 * @param truncated cut at the length limit
 * @param groupSeed what is random in scoring depends on it: the same for all samples of a group
 * @param images finds the case's on this host; few scorers look, so nobody else does
 */
public record ScoringRequest(
        String id,
        Case about,
        String completion,
        String perspective,
        boolean truncated,
        long groupSeed,
        Supplier<List<Path>> images) {
    /** Of no group, and without images. */
    public ScoringRequest(String id, Case about, String completion, String perspective, boolean truncated) {
        this(id, about, completion, perspective, truncated, 0, List::of);
    }

    /** Whether the completion came to its end by itself, with one of the model's end tokens. */
    public boolean ended(EndTokens ends) {
        return !truncated && ends.end(completion);
    }
}
