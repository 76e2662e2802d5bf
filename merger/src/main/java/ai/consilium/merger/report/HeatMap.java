package ai.consilium.merger.report;

import ai.consilium.merger.merge.ConflictReport;
import ai.consilium.merger.merge.ModuleName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A conflict report as a picture: for each figure a panel of layers × projections whose colours are its values. One SVG file that
 * needs nothing else, in the reader's light or dark colours; pointing at a cell shows its value. Pure.
 */
final class HeatMap {
    private static final int CELL_WIDTH = 20;
    private static final int CELL_HEIGHT = 12;
    private static final int PANELS_PER_ROW = 5;
    private static final int MARGIN = 16;
    private static final int HEADING = 32;
    private static final int PANEL_HEADING = 28;
    private static final int COLUMN_NAMES = 60;
    private static final int LEGEND = 44;
    private static final int LETTER = 6;
    private static final int TITLE_LETTER = 7;

    private static final String TITLE = "class=\"title\"";
    private static final String STARTING_AT = "text-anchor=\"start\"";
    private static final String ENDING_AT = "text-anchor=\"end\"";

    private static final String STYLE = """
            <style>
              :root { color-scheme: light dark; }
              text { fill: #5b6676; font: 10px system-ui, sans-serif; } .title { fill: #1b2330; font-size: 12px; }
              .ground { fill: #fff; } .cell { stroke: #fff; } .none { fill: none; stroke: #d9dde3; }
              @media (prefers-color-scheme: dark) {
                text { fill: #9fabba; } .title { fill: #e7ebf0; }
                .ground { fill: #12161c; } .cell { stroke: #12161c; } .none { stroke: #323b47; }
              }
            </style>
            """;

    /**
     * One figure.
     *
     * @param values of the weights in the report's order; NaN where there is none
     */
    private record Panel(String title, List<Double> values, ColourScale scale) {}

    private final List<ModuleName> names;
    private final boolean oneStack;
    private final List<String> rows;
    private final List<String> columns;
    private final StringBuilder svg = new StringBuilder();

    private HeatMap(List<ModuleName> names) {
        this.names = names;
        this.oneStack = names.stream()
                        .filter(name -> name.layer().isPresent())
                        .map(ModuleName::stack)
                        .distinct()
                        .count()
                <= 1;
        this.rows = names.stream().map(this::row).distinct().toList();
        this.columns = names.stream().map(ModuleName::path).distinct().toList();
    }

    /** @param experts names of those that took part, in the order of the report's figures */
    static String of(ConflictReport report, String method, List<String> experts) {
        List<ModuleName> names = report.weights().stream()
                .map(weight -> ModuleName.of(weight.module()))
                .toList();
        String title = "%d experts merged by %s: how much they are at odds, weight by weight"
                .formatted(experts.size(), method);
        return new HeatMap(names).drawn(title, panels(report, experts));
    }

    private static List<Panel> panels(ConflictReport report, List<String> experts) {
        List<Panel> panels = new ArrayList<>();
        List<String> figures = report.weights().stream()
                .flatMap(weight -> weight.figures().keySet().stream())
                .distinct()
                .toList();
        for (String figure : figures) {
            List<Double> values = report.weights().stream()
                    .map(weight -> weight.figures().getOrDefault(figure, Double.NaN))
                    .toList();
            if (figure.equals(ConflictReport.INTERFERENCE)) {
                panels.addAll(interference(report, values, experts));
            } else {
                panels.add(new Panel(figure.replace('_', ' '), values, ColourScale.over(values)));
            }
        }
        return panels;
    }

    /** The mean and each expert's, on one scale, so that they can be compared. */
    private static List<Panel> interference(ConflictReport report, List<Double> means, List<String> experts) {
        ColourScale scale = ColourScale.over(report.weights().stream()
                .flatMap(weight -> weight.interference().stream())
                .toList());
        List<Panel> panels = new ArrayList<>();
        panels.add(new Panel(ConflictReport.INTERFERENCE.replace('_', ' '), means, scale));
        for (int i = 0; i < experts.size(); i++) {
            int expert = i;
            List<Double> values = report.weights().stream()
                    .map(weight -> weight.interference().get(expert))
                    .toList();
            panels.add(new Panel("interference: " + experts.get(i), values, scale));
        }
        return panels;
    }

    private String drawn(String title, List<Panel> panels) {
        int longest = longest(panels.stream().map(Panel::title).toList());
        int panelWidth = MARGIN + Math.max(TITLE_LETTER * longest, rowNames() + CELL_WIDTH * columns.size());
        int panelHeight = PANEL_HEADING + CELL_HEIGHT * rows.size() + COLUMN_NAMES + LEGEND;
        int width = 2 * MARGIN + panelWidth * Math.min(PANELS_PER_ROW, panels.size());
        int height = HEADING + panelHeight * ((panels.size() + PANELS_PER_ROW - 1) / PANELS_PER_ROW) + MARGIN;
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">%n",
                width, height, width, height);
        add("<title>%s</title>%n", escaped(title));
        svg.append(STYLE);
        drawGradient();
        add("<rect class=\"ground\" width=\"%d\" height=\"%d\"/>%n", width, height);
        text(TITLE, MARGIN, MARGIN + 6, title);
        for (int i = 0; i < panels.size(); i++) {
            draw(panels.get(i), MARGIN + i % PANELS_PER_ROW * panelWidth, HEADING + i / PANELS_PER_ROW * panelHeight);
        }
        return svg.append("</svg>\n").toString();
    }

    private void drawGradient() {
        svg.append("<linearGradient id=\"scale\">");
        IntStream.rangeClosed(0, 10)
                .forEach(i -> add("<stop offset=\"%d%%\" stop-color=\"%s\"/>", 10 * i, ColourScale.at(i / 10.0)));
        svg.append("</linearGradient>\n");
    }

    private void draw(Panel panel, int x, int y) {
        int left = x + rowNames();
        int top = y + PANEL_HEADING;
        int bottom = top + CELL_HEIGHT * rows.size();
        text(TITLE, x, y + 12, panel.title());
        text(ENDING_AT, left - 4, top - 3, "layer");
        for (int row = 0; row < rows.size(); row++) {
            text(ENDING_AT, left - 4, top + CELL_HEIGHT * (row + 1) - 2, rows.get(row));
        }
        for (int i = 0; i < names.size(); i++) {
            cell(
                    panel,
                    i,
                    left + CELL_WIDTH * columns.indexOf(names.get(i).path()),
                    top + CELL_HEIGHT * rows.indexOf(row(names.get(i))));
        }
        for (int column = 0; column < columns.size(); column++) {
            String path = columns.get(column);
            add(
                    "<text text-anchor=\"end\" transform=\"translate(%d %d) rotate(-60)\">%s</text>%n",
                    left + CELL_WIDTH * column + CELL_WIDTH / 2 + 4,
                    bottom + 10,
                    escaped(path.substring(path.lastIndexOf('.') + 1)));
        }
        legend(panel.scale(), left, bottom + COLUMN_NAMES);
    }

    private void cell(Panel panel, int weight, int x, int y) {
        double value = panel.values().get(weight);
        ModuleName name = names.get(weight);
        add(
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"><title>%s %s: %s</title></rect>%n",
                Double.isNaN(value) ? "none" : "cell",
                x,
                y,
                CELL_WIDTH,
                CELL_HEIGHT,
                Double.isNaN(value) ? "none" : panel.scale().colour(value),
                escaped(row(name)),
                escaped(name.path()),
                Double.isNaN(value) ? "none" : number(value));
    }

    private void legend(ColourScale scale, int x, int y) {
        int width = CELL_WIDTH * Math.max(columns.size(), 4);
        add("<rect fill=\"url(#scale)\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"8\"/>%n", x, y, width);
        text(STARTING_AT, x, y + 19, number(scale.low()));
        text(ENDING_AT, x + width, y + 19, number(scale.high()));
    }

    /** Layers go by their number alone, if nothing else has numbers. */
    private String row(ModuleName name) {
        if (name.layer().isEmpty()) {
            return name.stack().isEmpty() ? "other" : name.stack();
        }
        int layer = name.layer().getAsInt();
        return oneStack ? Integer.toString(layer) : name.stack() + " " + layer;
    }

    private int rowNames() {
        return LETTER * Math.max(longest(rows), "layer".length()) + 4;
    }

    private static int longest(List<String> words) {
        return words.stream().mapToInt(String::length).max().orElse(0);
    }

    private void text(String attributes, int x, int y, String words) {
        add("<text %s x=\"%d\" y=\"%d\">%s</text>%n", attributes, x, y, escaped(words));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
