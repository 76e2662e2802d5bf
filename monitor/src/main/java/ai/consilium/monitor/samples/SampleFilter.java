package ai.consilium.monitor.samples;

import org.jspecify.annotations.Nullable;

/**
 * Which groups are looked for. Perspective, correctness and score are asked of one and the same sample. Empty and null: any.
 *
 * @param policy that samples the group and is trained on it
 * @param version that sampled or was trained on it
 * @param right whether a sample's answer is right
 * @param least smallest mean of a sample's scores
 * @param most largest mean of a sample's scores
 * @param text that a completion contains, in whatever case
 */
public record SampleFilter(
        String policy,
        String perspective,
        String outcome,
        @Nullable Long version,
        @Nullable Boolean right,
        @Nullable Double least,
        @Nullable Double most,
        String text) {
    /** Finds everything. */
    public static final SampleFilter ALL = new SampleFilter("", "", "", null, null, null, null, "");

    /** Whether a group may be it, but for the text, which the index does not know. */
    boolean matches(IndexedGroup group) {
        if (group.promptOffset < 0
                || !policy.isEmpty() && !policy.equals(group.policy)
                || !outcome.isEmpty() && !outcome.equals(group.outcome.isEmpty() ? "open" : group.outcome)) {
            return false;
        }
        if (version != null
                && version != group.trainedVersion
                && (version < group.oldestVersion || version > group.newestVersion)) {
            return false;
        }
        if (perspective.isEmpty() && right == null && least == null && most == null) {
            return true;
        }
        for (int sample = 0; sample < group.perspectives.size(); sample++) {
            if (sample(group, sample)) {
                return true;
            }
        }
        return false;
    }

    private boolean sample(IndexedGroup group, int sample) {
        if (!perspective.isEmpty() && !perspective.equals(group.perspectives.get(sample))) {
            return false;
        }
        float correct = group.right(sample);
        if (right != null && (Float.isNaN(correct) || right != correct >= 0.5f)) {
            return false;
        }
        float score = group.mean(sample);
        // What is unscored lies in no range.
        return (least == null || score >= least.floatValue()) && (most == null || score <= most.floatValue());
    }
}
