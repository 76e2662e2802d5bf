package ai.consilium.cli.rescore;

import static ai.consilium.cli.rescore.HtmlText.escaped;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A rescored run as one page that needs nothing else, in the reader's light or dark colours. Pure. */
final class RescorePage {
    private static final String HEAD = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Consilium: rescored</title>
            <style>
              :root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --line: #d9dde3; --text: #1b2330;
                      --soft: #5b6676; --mark: #2a788e; }
              @media (prefers-color-scheme: dark) {
                :root { --ground: #12161c; --card: #1b212a; --line: #323b47; --text: #e7ebf0; --soft: #9fabba; --mark: #22a884; }
              }
              body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.25rem; background: var(--ground); color: var(--text);
                     font: 15px/1.45 system-ui, sans-serif; }
              h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; } .soft, dt { color: var(--soft); }
              dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dd { margin: 0; overflow-wrap: anywhere; }
              table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); }
              th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); vertical-align: top;
                       font-variant-numeric: tabular-nums; }
              th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child, .words { text-align: left; }
              .words { overflow-wrap: anywhere; } .wide { overflow-x: auto; }
              details { margin: .5rem 0; } summary { cursor: pointer; }
              svg { max-width: 30rem; width: 100%; height: auto; background: var(--card); border: 1px solid var(--line); }
              svg text { fill: var(--soft); font-size: 11px; } svg line { stroke: var(--line); }
              svg circle { fill: var(--mark); fill-opacity: .45; }
            </style>
            </head>
            <body>
            """;

    private final StringBuilder html = new StringBuilder(HEAD);

    private RescorePage() {}

    /** @param run name of the run */
    static String of(Rescoring rescoring, String run) {
        RescorePage page = new RescorePage();
        page.figures(rescoring.summary(), run);
        page.html.append(AdvantageScatter.of(rescoring.groups()));
        page.agreement(rescoring.summary());
        page.scorers(rescoring.summary());
        page.groups(rescoring.summary().mostChanged());
        return page.html.append("</body>\n</html>\n").toString();
    }

    private void figures(RescoreSummary summary, String run) {
        RescoreSummary.Work work = summary.work();
        add("<h1>Rescored <span class=\"soft\">%s</span></h1>%n<dl>%n", escaped(run));
        RescoreSummary.Check check = summary.check();
        if (check != null) {
            figure(
                    "The run's own configuration",
                    check.exact() ? "every recorded advantage came out bit for bit" : "NOT as recorded");
        }
        figure("Trajectories", text("%d of %d groups", work.trajectories(), summary.groups()));
        figure("Scores asked for", Long.toString(work.asked()) + ", the others taken over from the log");
        figure(
                "Groups",
                text(
                        "%d changed, %d more would be filtered, %d no longer",
                        summary.changedGroups(), summary.newlyFiltered(), summary.noLongerFiltered()));
        figure(
                "Groups without advantages",
                work.others().isEmpty()
                        ? "none"
                        : work.others().entrySet().stream()
                                .map(one -> one.getValue() + " " + one.getKey())
                                .collect(Collectors.joining(", ")));
        if (work.uncertain() > 0) {
            figure("Left out", text("%d groups of which the log no longer tells what counted", work.uncertain()));
        }
        figure("Scored by", String.join(", ", work.applied()));
        figure("The run was scored by", String.join(", ", work.recorded()));
        if (work.batchNormalised()) {
            figure("Note", "the learner normalises these advantages over its batch before it uses them");
        }
        html.append("</dl>\n");
    }

    private void figure(String name, String value) {
        add("<dt>%s</dt><dd>%s</dd>%n", escaped(name), escaped(value));
    }

    private void agreement(RescoreSummary summary) {
        heading("Agreement of the advantages");
        table(
                List.of("", "samples", "rank correlation", "sign flips", "mean |change|"),
                summary.rows().stream().map(row -> {
                    Agreement agreement = row.agreement();
                    return List.of(
                            row.name(),
                            Integer.toString(agreement.samples()),
                            number(agreement.spearman()),
                            text("%d (%.1f %%)", agreement.signFlips(), 100 * agreement.signFlipShare()),
                            number(agreement.meanChange()));
                }));
    }

    private void scorers(RescoreSummary summary) {
        heading("Scorers");
        table(
                List.of("", "scored before", "after", "mean before", "after", "unscored before", "after", "changed"),
                summary.byScorer().entrySet().stream().map(one -> {
                    ScorerTally tally = one.getValue();
                    return List.of(
                            one.getKey(),
                            Long.toString(tally.before().scored()),
                            Long.toString(tally.after().scored()),
                            number(tally.before().mean()),
                            number(tally.after().mean()),
                            Long.toString(tally.before().unscored()),
                            Long.toString(tally.after().unscored()),
                            Long.toString(tally.changed()));
                }));
    }

    private void groups(List<GroupChange> mostChanged) {
        heading("Most changed groups");
        if (mostChanged.isEmpty()) {
            html.append("<p>None.</p>\n");
        }
        for (GroupChange group : mostChanged) {
            add(
                    "<details open><summary>case %s, group %s <span class=\"soft\">%s%s; mean |change| %s</span></summary>%n",
                    escaped(group.caseId()),
                    escaped(group.groupId()),
                    escaped(group.policy()),
                    escaped(RescoreTable.filtering(group)),
                    number(group.change()));
            html.append("<div class=\"wide\"><table>\n<tr><th>sample</th><th class=\"words\">perspective</th>"
                    + "<th>before</th><th>after</th><th class=\"words\">scores that changed</th></tr>\n");
            for (GroupChange.Member member : group.members()) {
                add(
                        "<tr><td>%d</td><td class=\"words\">%s</td><td>%s</td><td>%s</td><td class=\"words\">%s</td></tr>%n",
                        member.sample(),
                        escaped(member.perspective()),
                        signed(member.before()),
                        signed(member.after()),
                        member.scores().stream().map(RescorePage::score).collect(Collectors.joining("<br>")));
            }
            html.append("</table></div></details>\n");
        }
    }

    private static String score(ScoreChange change) {
        return text(
                "%s %s &rarr; %s <span class=\"soft\">%s &rarr; %s</span>",
                escaped(change.scorer()),
                escaped(ScoreChange.Judgement.shown(change.before())),
                escaped(ScoreChange.Judgement.shown(change.after())),
                escaped(RescoreTable.reason(change.before())),
                escaped(RescoreTable.reason(change.after())));
    }

    private void heading(String title) {
        add("<h2>%s</h2>%n", escaped(title));
    }

    private void table(List<String> head, Stream<List<String>> rows) {
        html.append("<div class=\"wide\"><table>\n");
        row("th", head);
        rows.forEach(cells -> row("td", cells));
        html.append("</table></div>\n");
    }

    private void row(String tag, List<String> cells) {
        html.append("<tr>");
        cells.forEach(cell -> add("<%s>%s</%s>", tag, escaped(cell), tag));
        html.append("</tr>\n");
    }

    private static String number(@Nullable Double value) {
        return value == null ? "-" : text("%.4f", value);
    }

    private static String signed(double value) {
        return text("%+.4f", value);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private void add(String format, Object... values) {
        html.append(text(format, values));
    }
}
