package ai.consilium.cli.rescore;

import java.util.List;
import java.util.Locale;

/** Recorded advantages against those that would be, a dot a sample; on the diagonal nothing changes. Pure. */
final class AdvantageScatter {
    private static final int SIDE = 360;
    private static final int MARGIN = 40;
    /** A page with more is slow to open; dots are then taken at equal distances. */
    private static final int DOTS = 2000;

    private AdvantageScatter() {}

    static String of(List<GroupChange> groups) {
        List<GroupChange.Member> members =
                groups.stream().flatMap(group -> group.members().stream()).toList();
        double largest = members.stream()
                .mapToDouble(member -> Math.max(Math.abs(member.before()), Math.abs(member.after())))
                .max()
                .orElse(0);
        double bound = Math.max(largest, 1e-6);
        int size = SIDE + 2 * MARGIN;
        StringBuilder svg = new StringBuilder();
        add(svg, "<h2>Advantage of each sample, before and after</h2>%n");
        add(svg, "<svg role=\"img\" viewBox=\"0 0 %d %d\" aria-label=\"Advantages before and after\">%n", size, size);
        line(svg, x(-bound, bound), y(0, bound), x(bound, bound), y(0, bound));
        line(svg, x(0, bound), y(-bound, bound), x(0, bound), y(bound, bound));
        line(svg, x(-bound, bound), y(-bound, bound), x(bound, bound), y(bound, bound));
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">before (%.2f to %.2f)</text>%n",
                size / 2,
                size - 12,
                -bound,
                bound);
        add(
                svg,
                "<text x=\"14\" y=\"%d\" text-anchor=\"middle\" transform=\"rotate(-90 14 %d)\">after</text>%n",
                size / 2,
                size / 2);
        int step = Math.max(1, (members.size() + DOTS - 1) / DOTS);
        for (int i = 0; i < members.size(); i += step) {
            GroupChange.Member member = members.get(i);
            add(
                    svg,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>%n",
                    x(member.before(), bound),
                    y(member.after(), bound));
        }
        add(svg, "</svg>%n");
        if (step > 1) {
            add(svg, "<p class=\"soft\">1 of %d samples is drawn.</p>%n", step);
        }
        return svg.toString();
    }

    private static double x(double value, double bound) {
        return MARGIN + SIDE * (value + bound) / (2 * bound);
    }

    private static double y(double value, double bound) {
        return MARGIN + SIDE * (bound - value) / (2 * bound);
    }

    private static void line(StringBuilder svg, double fromX, double fromY, double toX, double toY) {
        add(svg, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", fromX, fromY, toX, toY);
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
