package ai.consilium.runlog.provenance;

import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.TrainingGroup;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A group: its prompt, what was sampled and how it ended.
 *
 * @param policy that samples it and is trained on it
 * @param purpose rl, distill or validation
 * @param prompt where its prompt lies
 * @param closed its advantages; null where none were published
 * @param end how it ended; null while it is open
 * @param samples trajectories in the order of samples, superseded ones included
 */
public record TracedGroup(
        String id,
        String policy,
        String specialty,
        String purpose,
        CaseName caseName,
        String scoringConfigHash,
        long admittedAtVersion,
        LogPlace prompt,
        @Nullable Closed closed,
        @Nullable End end,
        List<TracedSample> samples) {
    /** A case, by the file that it stands in. */
    public record CaseName(String file, String fileSha256, String id) {}

    /**
     * The group as it was handed to the learner.
     *
     * @param how complete or partial
     * @param missing samples without a scored trajectory
     */
    public record Closed(String how, String estimator, List<Integer> missing, LogPlace place) {}

    /**
     * Its outcome.
     *
     * @param version that was trained on it; null where none was
     */
    public record End(
            String outcome, String reason, @Nullable String version, LogPlace place) {
        static End of(GroupOutcome outcome, LogPlace place) {
            boolean trained = outcome.getOutcome() == Outcome.TRAINED;
            return new End(
                    outcome.getOutcome().name().toLowerCase(Locale.ROOT),
                    outcome.getReason(),
                    trained ? TracedVersion.name(outcome) : null,
                    place);
        }
    }

    static TracedGroup of(
            Prompt prompt, LogPlace place, @Nullable Closed closed, @Nullable End end, List<TracedSample> samples) {
        CaseRef ref = prompt.getCaseRef();
        return new TracedGroup(
                prompt.getGroupId(),
                PolicyTable.policyOf(prompt),
                prompt.getSpecialty(),
                prompt.getPurpose(),
                new CaseName(ref.getFile(), ref.getFileSha256(), ref.getId()),
                prompt.getScoringConfigHash(),
                prompt.getAdmittedAtVersion(),
                place,
                closed,
                end,
                samples);
    }

    static Closed closed(TrainingGroup group, LogPlace place) {
        return new Closed(
                group.getClosed().name().toLowerCase(Locale.ROOT),
                group.getEstimator(),
                List.copyOf(group.getMissing()),
                place);
    }

    /** The same with one of its trajectories only. */
    TracedGroup only(String trajectoryId) {
        List<TracedSample> one = samples.stream()
                .filter(sample -> sample.trajectoryId().equals(trajectoryId))
                .toList();
        return new TracedGroup(
                id,
                policy,
                specialty,
                purpose,
                caseName,
                scoringConfigHash,
                admittedAtVersion,
                prompt,
                closed,
                end,
                one);
    }
}
