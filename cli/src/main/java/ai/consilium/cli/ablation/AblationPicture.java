package ai.consilium.cli.ablation;

import ai.consilium.cli.report.Results;
import ai.consilium.cli.report.ResultsTable;
import ai.consilium.evaluation.Interval;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * An ablation as a picture: overall accuracy of each row with its interval, and the difference to the first row in words. One SVG
 * file that needs nothing else, in the reader's light or dark colours. Pure.
 */
final class AblationPicture {
    private static final int MARGIN = 16;
    private static final int HEADING = 36;
    private static final int ROW = 22;
    private static final int PLOT = 360;
    private static final int LETTER = 7;
    private static final int FIGURE = 40;
    private static final int WORDS = 190;
    private static final int AXIS = 28;

    private static final String STYLE = """
            <style>
              :root { color-scheme: light dark; }
              text { fill: #5b6676; font: 11px system-ui, sans-serif; } .title { fill: #1b2330; font-size: 13px; }
              .ground { fill: #fff; } .grid { stroke: #d9dde3; } .interval { stroke: #2a788e; stroke-width: 2; }
              .experts { fill: #2a788e; stroke: #2a788e; } .agent { fill: #fff; stroke: #2a788e; stroke-width: 2; }
              @media (prefers-color-scheme: dark) {
                text { fill: #9fabba; } .title { fill: #e7ebf0; } .ground { fill: #12161c; } .grid { stroke: #323b47; }
                .interval { stroke: #22a884; } .experts { fill: #22a884; stroke: #22a884; }
                .agent { fill: #12161c; stroke: #22a884; }
              }
            </style>
            """;

    private final AblationResults results;
    private final int left;
    private final double low;
    private final double high;
    private final StringBuilder svg = new StringBuilder();

    private AblationPicture(AblationResults results) {
        this.results = results;
        int longest = results.rows().stream()
                .mapToInt(row -> row.row().length())
                .max()
                .orElse(0);
        this.left = 2 * MARGIN + LETTER * longest;
        List<Interval> all =
                results.rows().stream().map(AblationPicture::overall).toList();
        // Whole tenths around all intervals.
        this.low = Math.floor(10 * all.stream().mapToDouble(Interval::low).min().orElse(0)) / 10;
        this.high = Math.max(
                low + 0.1,
                Math.ceil(10 * all.stream().mapToDouble(Interval::high).max().orElse(1)) / 10);
    }

    static String of(AblationResults results) {
        return new AblationPicture(results).drawn();
    }

    private static Interval overall(AblationResults.Row row) {
        return Objects.requireNonNull(row.accuracy().get(Results.OVERALL)).interval();
    }

    private String drawn() {
        int width = left + PLOT + MARGIN + WORDS;
        int bottom = HEADING + ROW * results.rows().size();
        int height = bottom + AXIS + MARGIN;
        String title = "Accuracy in %, mean over seeds, with 95 % intervals";
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">%n",
                width, height, width, height);
        add("<title>%s</title>%n%s", title, STYLE);
        add("<rect class=\"ground\" width=\"%d\" height=\"%d\"/>%n", width, height);
        text("title", MARGIN, 20, "start", title + " (filled: experts, open: agent)");
        for (int tenth = (int) Math.round(10 * low); tenth <= Math.round(10 * high); tenth++) {
            double x = x(tenth / 10.0);
            add("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>%n", x, x, HEADING, bottom);
            text("tick", x, bottom + 16, "middle", Integer.toString(10 * tenth));
        }
        text("tick", left + PLOT + MARGIN + FIGURE, bottom + 16, "start", "against " + results.against() + ", points");
        for (int i = 0; i < results.rows().size(); i++) {
            draw(results.rows().get(i), HEADING + ROW * i + ROW / 2);
        }
        return svg.append("</svg>\n").toString();
    }

    private void draw(AblationResults.Row row, int y) {
        Interval accuracy = overall(row);
        text("name", left - MARGIN, y + 4, "end", row.row());
        add(
                "<line class=\"interval\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>%n",
                x(accuracy.low()), x(accuracy.high()), y, y);
        add("<circle class=\"%s\" cx=\"%.1f\" cy=\"%d\" r=\"4\"/>%n", row.measured(), x(accuracy.estimate()), y);
        int right = left + PLOT + MARGIN;
        text("figure", right, y + 4, "start", String.format(Locale.ROOT, "%.1f", 100 * accuracy.estimate()));
        if (row.difference() != null) {
            text("figure", right + FIGURE, y + 4, "start", ResultsTable.points(row.difference()));
        }
    }

    private double x(double accuracy) {
        return left + PLOT * (accuracy - low) / (high - low);
    }

    private void text(String style, double x, int y, String anchor, String words) {
        add("<text class=\"%s\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>%n", style, x, y, anchor, words);
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
