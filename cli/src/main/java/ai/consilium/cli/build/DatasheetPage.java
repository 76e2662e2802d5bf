package ai.consilium.cli.build;

import ai.consilium.cases.format.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A datasheet as a page for people. */
final class DatasheetPage {
    private final Datasheet sheet;
    private final List<String> lines = new ArrayList<>();

    private DatasheetPage(Datasheet sheet) {
        this.sheet = sheet;
    }

    /** In Markdown. */
    static String of(Datasheet sheet) {
        DatasheetPage page = new DatasheetPage(sheet);
        page.write();
        return String.join("\n", page.lines) + "\n";
    }

    private void write() {
        lines.add("# Datasheet");
        add("Made of `" + sheet.from() + "` with " + sheet.madeWith()
                + ". The reasoning was written by a model, and kept"
                + " where its answer is the label; **no person has read it**. Not for clinical use.");
        if (!sheet.complete()) {
            add("**Not complete**: " + sheet.open() + " traces were not tried, since the build was stopped.");
        }
        add("## Cases");
        table(
                "file | cases | SHA-256",
                sheet.files().stream()
                        .map(file -> row(file.name(), file.cases(), file.sha256()))
                        .toList());
        table(
                "source | cases | licence",
                sheet.sources().stream()
                        .map(source -> row(source.name(), source.cases(), source.licence()))
                        .toList());
        add("SHA-256 of the pictures: " + sheet.imagesSha256());
        add("## Traces");
        traces();
        add(sheet.kept() + " were kept, " + sheet.unscored()
                + " of them on answer and form alone, since their case gives" + " the guideline nothing to go by.");
        if (!sheet.had().isEmpty()) {
            add("The source had already: " + counts(sheet.had()) + ".");
        }
        add("Answers that were refused: " + (sheet.refusals().isEmpty() ? "none" : counts(sheet.refusals())) + ".");
        add("## Teacher");
        add("`" + sheet.teacher().model() + "` at " + sheet.teacher().url() + ", which answered as "
                + (sheet.teacher().answeredAs().isEmpty()
                        ? "nothing"
                        : String.join(", ", sheet.teacher().answeredAs()))
                + ".");
        add(sheet.usage().answers() + " answers: " + sheet.usage().promptTokens() + " tokens of prompts, "
                + sheet.usage().completionTokens() + " of answers.");
        Datasheet.Selection selection = sheet.selection();
        add("Up to " + selection.tries() + " tries, temperature " + selection.temperature() + " and "
                + selection.temperatureStep() + " more with each, seed " + selection.seed()
                + " and 1 more with each, at most "
                + selection.replyTokens() + " tokens an answer"
                + (selection.extra().isEmpty() ? "" : ", " + selection.extra()) + ".");
        add("Kept: one thought and one answer, the answer is the label, and the guideline's score is at least "
                + selection.minScore() + ".");
        table(
                "perspective | guideline | SHA-256",
                sheet.rubrics().entrySet().stream()
                        .map(rubric -> row(
                                rubric.getKey(),
                                rubric.getValue().name(),
                                rubric.getValue().sha256()))
                        .toList());
        add("## Prompts");
        add("Layout " + sheet.prompts().layout() + ", SHA-256 "
                + sheet.prompts().sha256() + ". The system's turn:");
        add("> " + oneLine(sheet.prompts().system()));
        sheet.prompts().instructions().forEach((perspective, text) -> {
            add(perspective + ":");
            add("> " + oneLine(text));
        });
        add("SHA-256 of `datasheet.json` without this line: " + sheet.sha256());
    }

    private void traces() {
        TreeSet<String> perspectives = new TreeSet<>(sheet.without().keySet());
        sheet.traces().values().forEach(counts -> perspectives.addAll(counts.keySet()));
        List<String> rows = new ArrayList<>();
        sheet.traces()
                .forEach((specialty, counts) -> rows.add(specialty + " | "
                        + perspectives.stream()
                                .map(perspective -> String.valueOf(counts.getOrDefault(perspective, 0)))
                                .collect(Collectors.joining(" | "))));
        rows.add("*none kept* | "
                + perspectives.stream()
                        .map(perspective -> String.valueOf(sheet.without().getOrDefault(perspective, 0)))
                        .collect(Collectors.joining(" | ")));
        table("specialty | " + String.join(" | ", perspectives), rows);
    }

    private void add(String paragraph) {
        lines.add("");
        lines.add(paragraph);
    }

    private void table(String head, List<String> rows) {
        add("| " + head + " |");
        lines.add("|" + "---|".repeat(head.split("\\|", -1).length));
        rows.forEach(row -> lines.add("| " + row + " |"));
    }

    private static String row(Object... cells) {
        return List.of(cells).stream()
                .map(cell -> oneLine(String.valueOf(cell)).replace("|", "\\|"))
                .collect(Collectors.joining(" | "));
    }

    private static String counts(SortedMap<String, Integer> counts) {
        return counts.entrySet().stream().map(DatasheetPage::count).collect(Collectors.joining(", "));
    }

    private static String count(Map.Entry<String, Integer> count) {
        return count.getValue() + " " + count.getKey();
    }

    private static String oneLine(String text) {
        return Printable.shown(text.replaceAll("\\s+", " ").strip());
    }
}
