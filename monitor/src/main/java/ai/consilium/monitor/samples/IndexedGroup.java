package ai.consilium.monitor.samples;

import ai.consilium.estimators.RewardComponent;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the index remembers of a group: where its records lie, and what can be filtered by. Guarded by the index. */
final class IndexedGroup {
    /** Of a sample whose score or correctness is not known. */
    static final float UNKNOWN = Float.NaN;
    /** Redeliveries may repeat trajectories and scores; more of them are not looked up. */
    private static final int MOST_RECORDS = 512;

    final String id;
    final long sequence;
    String policy = "";
    String specialty = "";
    String purpose = "";
    String caseId = "";
    String outcome = "";
    List<String> perspectives = List.of();
    long createdMs;
    long trainedVersion = -1;
    long oldestVersion = Long.MAX_VALUE;
    long newestVersion = -1;
    int partition = -1;
    int closedPartition = -1;
    long promptOffset = -1;
    long closedOffset = -1;
    final List<Long> trajectories = new ArrayList<>(0);
    final List<Long> scores = new ArrayList<>(0);
    private float[] right = new float[0];
    private float[] mean = new float[0];

    IndexedGroup(String id, long sequence) {
        this.id = id;
        this.sequence = sequence;
    }

    void prompt(Prompt prompt, int at, long offset) {
        if (promptOffset >= 0) {
            return;
        }
        promptOffset = offset;
        partition = at;
        // Names come with every group: one copy of each is enough.
        policy = PolicyTable.policyOf(prompt).intern();
        specialty = prompt.getSpecialty().intern();
        purpose = prompt.getPurpose().intern();
        caseId = prompt.getCaseRef().getId();
        perspectives = prompt.getMembers().stream().map(String::intern).toList();
        createdMs = prompt.getCreatedMs();
    }

    void sampled(Trajectory trajectory, int at, long offset) {
        partition = at;
        if (trajectories.size() < MOST_RECORDS) {
            trajectories.add(offset);
        }
        versions(trajectory.getSpans());
    }

    void scored(Scores given, int at, long offset) {
        partition = at;
        if (scores.size() < MOST_RECORDS) {
            scores.add(offset);
        }
        double sum = 0;
        int count = 0;
        for (Score score : given.getScores()) {
            Double value = score.getValue();
            if (value == null || score.getShadow()) {
                continue;
            }
            sum += value;
            count++;
            if (score.getScorer().equals(RewardComponent.ACCURACY.label())) {
                right = set(right, given.getSampleIndex(), value.floatValue());
            }
        }
        if (count > 0) {
            mean = set(mean, given.getSampleIndex(), (float) (sum / count));
        }
    }

    void closed(TrainingGroup group, int at, long offset) {
        if (closedOffset >= 0) {
            return;
        }
        closedPartition = at;
        closedOffset = offset;
        for (Member member : group.getMembers()) {
            versions(member.getSpans());
            Double accuracy = member.getParts().get(RewardComponent.ACCURACY.label());
            if (accuracy != null) {
                right = set(right, member.getSampleIndex(), accuracy.floatValue());
            }
        }
    }

    void ended(GroupOutcome how) {
        if (!outcome.isEmpty()) {
            return;
        }
        outcome = how.getOutcome().name().toLowerCase(Locale.ROOT).intern();
        if (how.getOutcome() == Outcome.TRAINED) {
            trainedVersion = how.getPolicyVersion();
        }
    }

    private void versions(List<Span> spans) {
        for (Span span : spans) {
            oldestVersion = Math.min(oldestVersion, span.getPolicyVersion());
            newestVersion = Math.max(newestVersion, span.getPolicyVersion());
        }
    }

    private static float[] set(float[] values, int sample, float value) {
        if (sample < 0 || sample >= MOST_RECORDS) {
            return values;
        }
        float[] wide = values;
        if (sample >= values.length) {
            wide = Arrays.copyOf(values, sample + 1);
            Arrays.fill(wide, values.length, wide.length, UNKNOWN);
        }
        wide[sample] = value;
        return wide;
    }

    /** Share of the right answer that a sample has, 1 for right. */
    float right(int sample) {
        return sample < right.length ? right[sample] : UNKNOWN;
    }

    /** Mean of a sample's scores. */
    float mean(int sample) {
        return sample < mean.length ? mean[sample] : UNKNOWN;
    }

    @Nullable
    Double meanScore() {
        return mean(mean);
    }

    @Nullable
    Double shareRight() {
        return mean(right);
    }

    private static @Nullable Double mean(float[] values) {
        double sum = 0;
        int count = 0;
        for (float value : values) {
            if (!Float.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        return count == 0 ? null : sum / count;
    }
}
