package ai.consilium.cli.status;

import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.report.ResultsTable;
import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.TrainingPlan;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A run's status for people. Pure. */
public final class StatusTable {
    /** The newest that are listed; a run that goes on for months makes hundreds. */
    private static final int AGENTS = 5;

    private StatusTable() {}

    /** A few lines, and a table with a line for each policy. */
    public static String render(RunStatus status) {
        StringBuilder text = new StringBuilder();
        text.append("run     ")
                .append(status.runId())
                .append(status.simulated() ? ", simulated cases" : "")
                .append(", Consilium ")
                .append(status.consilium())
                .append('\n');
        text.append("state   ").append(state(status)).append('\n');
        text.append(cases(status)).append('\n');
        text.append(ResultsTable.table(policies(status)));
        text.append("\nagents  ").append(agents(status)).append('\n');
        status.stalls()
                .forEach(stall -> text.append("stall   ").append(line(stall)).append('\n'));
        status.events()
                .forEach(event -> text.append("event   ").append(line(event)).append('\n'));
        return text.toString();
    }

    private static String state(RunStatus status) {
        String round = status.rounds() == 1
                ? ""
                : ", round " + status.round() + (status.rounds() == 0 ? "" : " of " + status.rounds());
        String took = status.elapsedMs() == null ? "" : " after " + clock(status.elapsedMs());
        if (status.finished()) {
            return "finished" + round + took;
        }
        String told = RunControl.labelled(status.control())
                .filter(control -> control != RunControl.GO)
                .map(control -> "; the run " + control.told())
                .orElse("");
        String left = status.leftMs() == null ? "" : ", reinforcement " + clock(status.leftMs()) + " left";
        return status.phase() + round + took + left + "; newest record " + ago(status, status.newestMs()) + told;
    }

    private static String cases(RunStatus status) {
        RunSnapshot.Edition edition = status.edition();
        if (edition == null) {
            return "";
        }
        String refused = edition.refused() == null ? "" : "; nothing is taken in: " + edition.refused();
        return "cases   " + edition.cases() + " to train on, since round " + edition.round() + refused + "\n";
    }

    private static List<List<String>> policies(RunStatus status) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("policy", "version", "of", "final", "published", "groups", "open", "ended"));
        for (RunStatus.Policy policy : status.policies()) {
            boolean agent = policy == status.policies().get(status.policies().size() - 1);
            lines.add(List.of(
                    policy.name(),
                    policy.version() == null ? "-" : policy.version().toString(),
                    agent || status.steps() == 0
                            ? ""
                            : Integer.toString(TrainingPlan.lastVersion(status.round(), status.steps())),
                    policy.finalVersion() ? "yes" : "",
                    policy.versionMs() == null ? "-" : ago(status, policy.versionMs()),
                    Long.toString(policy.groups().prompts()),
                    Long.toString(policy.groups().open()),
                    ended(policy.groups())));
        }
        return lines;
    }

    private static String ended(RunSnapshot.Books groups) {
        return groups.outcomes().entrySet().stream()
                .filter(outcome -> outcome.getValue() > 0)
                .map(outcome -> outcome.getValue() + " " + outcome.getKey())
                .collect(Collectors.joining(", "));
    }

    private static String agents(RunStatus status) {
        int earlier = Math.max(0, status.agents().size() - AGENTS);
        return status.agents().isEmpty()
                ? "none yet"
                : (earlier == 0 ? "" : earlier + " before, ")
                        + status.agents().stream()
                                .skip(earlier)
                                .map(agent ->
                                        "unified@" + agent.version() + " (" + ago(status, agent.createdMs()) + ")")
                                .collect(Collectors.joining(", "));
    }

    private static String line(RunSnapshot.Event event) {
        return Instant.ofEpochMilli(event.atMs()).truncatedTo(ChronoUnit.SECONDS) + "  " + event.role() + ": "
                + event.message();
    }

    private static String ago(RunStatus status, @Nullable Long atMs) {
        return atMs == null ? "-" : clock(Math.max(0, status.atMs() - atMs)) + " ago";
    }

    private static String clock(long ms) {
        return ProgressLine.clock(ms / 1e3);
    }
}
