package ai.consilium.runlog.provenance;

import ai.consilium.schemas.Member;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Trajectory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One trajectory of a group.
 *
 * @param standing member: it counted; superseded: another of the same sample came before it; uncounted: otherwise
 * @param promptHash SHA-256 of the prompt's token ids
 * @param sampledBy versions that sampled it, in order
 * @param advantage that it was trained with; null where it did not count
 * @param parts of the advantage, by name
 * @param scores as they were given, late ones included
 * @param scored where they lie; null without scores
 * @param place of the trajectory
 */
public record TracedSample(
        int sample,
        String perspective,
        String trajectoryId,
        String standing,
        String promptHash,
        int tokens,
        String finished,
        String worker,
        List<Sampled> sampledBy,
        @Nullable Double advantage,
        Map<String, Double> parts,
        List<GivenScore> scores,
        @Nullable LogPlace scored,
        LogPlace place) {
    static final String MEMBER = "member";
    static final String SUPERSEDED = "superseded";
    static final String UNCOUNTED = "uncounted";

    /**
     * Tokens that one version sampled.
     *
     * @param from first token
     * @param to one past the last
     */
    public record Sampled(String version, String adapterHash, int from, int to) {}

    /**
     * A scorer's verdict.
     *
     * @param version content hash of the scorer
     * @param value null is unscored
     * @param unscored why there is no value
     */
    public record GivenScore(
            String scorer,
            String version,
            @Nullable Double value,
            @Nullable String unscored,
            List<String> evidence,
            boolean shadow,
            boolean late) {
        static GivenScore of(Score score) {
            return new GivenScore(
                    score.getScorer(),
                    score.getScorerVersion(),
                    score.getValue(),
                    score.getUnscoredReason(),
                    List.copyOf(score.getEvidence()),
                    score.getShadow(),
                    score.getLate());
        }
    }

    /** @param member the trajectory's part in its group's advantages; null where it has none */
    static TracedSample of(
            Trajectory trajectory,
            LogPlace place,
            String standing,
            @Nullable Member member,
            @Nullable Scores scores,
            @Nullable LogPlace scored) {
        String policy = PolicyTable.policyOf(trajectory);
        return new TracedSample(
                trajectory.getSampleIndex(),
                trajectory.getPerspective(),
                trajectory.getTrajectoryId(),
                standing,
                trajectory.getPromptHash(),
                trajectory.getTokens().size(),
                trajectory.getFinishReason().name().toLowerCase(Locale.ROOT),
                trajectory.getWorker(),
                trajectory.getSpans().stream()
                        .map(span -> new Sampled(
                                TracedVersion.name(policy, span.getPolicyVersion()),
                                span.getAdapterHash(),
                                span.getStart(),
                                span.getEnd()))
                        .toList(),
                member == null ? null : member.getAdvantage(),
                member == null ? Map.of() : new TreeMap<>(member.getParts()),
                scores == null
                        ? List.of()
                        : scores.getScores().stream().map(GivenScore::of).toList(),
                scored,
                place);
    }
}
