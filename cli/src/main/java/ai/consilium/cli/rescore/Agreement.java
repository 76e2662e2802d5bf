package ai.consilium.cli.rescore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much the advantages that would be agree with those that are recorded.
 *
 * @param samples that are compared
 * @param spearman rank correlation; null where one side has one value only
 * @param signFlips samples that would be pushed the other way
 * @param signFlipShare of the samples
 * @param meanChange mean absolute change of the advantage
 */
record Agreement(int samples, @Nullable Double spearman, long signFlips, double signFlipShare, double meanChange) {
    static Agreement of(List<GroupChange.Member> members) {
        double rho = RankCorrelation.spearman(
                members.stream().mapToDouble(GroupChange.Member::before).toArray(),
                members.stream().mapToDouble(GroupChange.Member::after).toArray());
        long flips = members.stream().filter(GroupChange.Member::flips).count();
        double change = members.stream()
                .mapToDouble(member -> Math.abs(member.after() - member.before()))
                .average()
                .orElse(0);
        return new Agreement(
                members.size(),
                Double.isNaN(rho) ? null : rho,
                flips,
                members.isEmpty() ? 0 : (double) flips / members.size(),
                change);
    }
}
