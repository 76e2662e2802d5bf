package ai.consilium.cli.rescore;

import ai.consilium.cases.format.Printable;
import ai.consilium.cli.report.ResultsTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What rescoring came to, as text for a terminal. Pure. */
final class RescoreTable {
    private static final int HASH = 12;
    private static final int EVIDENCE = 100;

    private RescoreTable() {}

    static String render(RescoreSummary summary) {
        StringBuilder out = new StringBuilder(work(summary));
        RescoreSummary.Check check = summary.check();
        if (summary.groups() == 0) {
            return out.append("no group has advantages\n").toString();
        }
        if (check != null) {
            return out.append(verdict(check)).toString();
        }
        out.append(groups(summary)).append('\n');
        List<List<String>> agreement = new ArrayList<>();
        agreement.add(List.of("advantages", "samples", "rank correlation", "sign flips", "mean |change|"));
        summary.rows().forEach(row -> agreement.add(line(row)));
        out.append(ResultsTable.table(agreement)).append('\n');
        out.append(scorers(summary.byScorer()));
        if (!summary.mostChanged().isEmpty()) {
            out.append("\nmost changed groups\n");
            summary.mostChanged().forEach(group -> out.append(group(group)));
        }
        return out.toString();
    }

    private static String work(RescoreSummary summary) {
        RescoreSummary.Work work = summary.work();
        String left = work.others().entrySet().stream()
                .map(one -> one.getValue() + " " + one.getKey())
                .collect(Collectors.joining(", "));
        StringBuilder out = new StringBuilder(text(
                "%d trajectories of %d groups in %.1f s (%.0f/s): %d scores asked for, the others taken over%n",
                work.trajectories(), summary.groups(), work.seconds(), work.rate(), work.asked()));
        if (!left.isEmpty()) {
            out.append(text("groups without advantages: %s%n", left));
        }
        if (work.uncertain() > 0) {
            out.append(text(
                    "left out: %d groups of which the log no longer tells what counted in them%n", work.uncertain()));
        }
        out.append(text("scored by %s, the run by %s%n", hashes(work.applied()), hashes(work.recorded())));
        if (work.batchNormalised()) {
            out.append("the learner normalises these advantages over its batch before it uses them\n");
        }
        return out.toString();
    }

    private static String hashes(List<String> hashes) {
        return hashes.isEmpty()
                ? "nothing"
                : hashes.stream().map(RescoreTable::shortened).collect(Collectors.joining(", "));
    }

    private static String shortened(String hash) {
        return hash.substring(0, Math.min(HASH, hash.length()));
    }

    private static String verdict(RescoreSummary.Check check) {
        GroupChange first = check.first();
        return first == null
                ? "every recorded advantage came out bit for bit\n"
                : "NOT as recorded; the first group that differs:\n" + group(first);
    }

    private static String groups(RescoreSummary summary) {
        return text(
                "groups: %d of %d changed, %d more would be filtered, %d no longer%n",
                summary.changedGroups(), summary.groups(), summary.newlyFiltered(), summary.noLongerFiltered());
    }

    private static List<String> line(RescoreSummary.Row row) {
        Agreement agreement = row.agreement();
        return List.of(
                row.name(),
                Integer.toString(agreement.samples()),
                number("%.4f", agreement.spearman()),
                text("%d (%.1f %%)", agreement.signFlips(), 100 * agreement.signFlipShare()),
                text("%.4f", agreement.meanChange()));
    }

    private static String scorers(SortedMap<String, ScorerTally> byScorer) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("scorer", "scored", "mean", "unscored", "changed"));
        byScorer.forEach((name, tally) -> lines.add(List.of(
                name,
                tally.before().scored() + " -> " + tally.after().scored(),
                number("%.4f", tally.before().mean()) + " -> "
                        + number("%.4f", tally.after().mean()),
                tally.before().unscored() + " -> " + tally.after().unscored(),
                Long.toString(tally.changed()))));
        return ResultsTable.table(lines).toString();
    }

    private static String group(GroupChange group) {
        StringBuilder out = new StringBuilder(text(
                "%s  case %s  %s%s%n",
                group.groupId(), Printable.shown(group.caseId()), group.policy(), filtering(group)));
        for (GroupChange.Member member : group.members()) {
            if (member.same() && member.scores().isEmpty()) {
                continue;
            }
            out.append(text(
                    "  %2d %-13s %+.4f -> %+.4f%s%n",
                    member.sample(), member.perspective(), member.before(), member.after(), exactly(member)));
            for (ScoreChange score : member.scores()) {
                out.append(text(
                        "       %s %s -> %s%s%n",
                        score.scorer(),
                        ScoreChange.Judgement.shown(score.before()),
                        ScoreChange.Judgement.shown(score.after()),
                        because(score)));
            }
        }
        return out.toString();
    }

    /** Words for what becomes of the group; empty where nothing does. */
    static String filtering(GroupChange group) {
        if (group.filteredBefore() == group.filteredAfter()) {
            return "";
        }
        return group.filteredAfter() ? "  (would be filtered)" : "  (was filtered)";
    }

    /** A difference that four decimals hide. */
    private static String exactly(GroupChange.Member member) {
        return !member.same() && Math.abs(member.before() - member.after()) < 1e-4
                ? "  (" + member.before() + " -> " + member.after() + ", or in its parts)"
                : "";
    }

    private static String because(ScoreChange score) {
        String reason = reason(score.after());
        String shown = Printable.shown(reason);
        String brief = shown.length() > EVIDENCE ? shown.substring(0, EVIDENCE) + "..." : shown;
        return brief.isEmpty() ? "" : "  " + brief;
    }

    /** The evidence of a judgement, or why there is no score; empty for neither. */
    static String reason(ScoreChange.@Nullable Judgement judgement) {
        if (judgement == null) {
            return "";
        }
        return judgement.value() == null
                ? Objects.requireNonNullElse(judgement.unscored(), "")
                : String.join("; ", judgement.evidence());
    }

    private static String number(String format, @Nullable Double value) {
        return value == null ? "-" : text(format, value);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
