package ai.consilium.monitor.report;

import ai.consilium.monitor.web.PageAssets;
import ai.consilium.monitor.web.PageJson;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A run as one HTML page that needs nothing else. What the run says is data in it, never markup; scripts and styles are the live
 * page's own, allowed by their hashes and no others. Pure.
 */
public final class ReportPage {
    /** That a page has at most, however long its run was. */
    public static final int MOST_BYTES = 2_000_000;

    /** Of a text, for example a message. */
    private static final int LONGEST_TEXT = 8_000;

    private static final int LONGEST_CONFIGURATION = 100_000;
    /** Of the report of conflicts, what is drawn. */
    private static final Set<String> WEIGHT = Set.of(
            "layer",
            "projection",
            "sign_conflict_rate",
            "cancelled_mass",
            "pairwise_cosine",
            "subspace_overlap",
            "activation_interference");
    /** Of a moment, or of no use when all is over. */
    private static final List<String> PASSING = List.of("events", "stalls", "alarms", "flow");

    /** What is taken up, the most first. */
    private record Measure(int points, int imageBytes) {}

    private static final List<Measure> MEASURES = List.of(
            new Measure(256, 600_000),
            new Measure(128, 600_000),
            new Measure(64, 300_000),
            new Measure(32, 100_000),
            new Measure(16, 0));

    private static final String SCRIPT = ModuleBundle.of(PageAssets::text, "report.js");
    private static final String CHARTS = PageAssets.text("uplot/uPlot.iife.min.js");
    private static final String STYLE =
            PageAssets.text("uplot/uPlot.min.css") + PageAssets.text("page.css") + PageAssets.text("samples.css");

    private ReportPage() {}

    /** The page: as much of it as has room. */
    public static String of(ReportedRun run, ReportFacts facts) {
        for (Measure measure : MEASURES) {
            String page = page(run.within(measure.points(), measure.imageBytes()), facts);
            if (page.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES) {
                return page;
            }
        }
        return page(run.within(8, 0).withoutSamples(), facts);
    }

    private static String page(ReportedRun run, ReportFacts facts) {
        Map<String, String> parts = Map.of(
                "policy",
                "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; script-src %s %s; style-src %s"
                        .formatted(hash(CHARTS), hash(SCRIPT), hash(STYLE)),
                "style",
                STYLE,
                "charts",
                CHARTS,
                "script",
                SCRIPT,
                "licence",
                PageAssets.text("uplot/LICENSE.txt"),
                "data",
                inert(data(run, facts).toString()));
        StringBuilder page = new StringBuilder();
        String template = PageAssets.text("report.html");
        int from = 0;
        for (int open = template.indexOf("{{"); open >= 0; open = template.indexOf("{{", from)) {
            int close = template.indexOf("}}", open);
            page.append(template, from, open).append(parts.get(template.substring(open + 2, close)));
            from = close + 2;
        }
        return page.append(template.substring(from)).toString();
    }

    private static String hash(String content) {
        return "'sha256-" + Base64.getEncoder().encodeToString(DigestUtils.sha256(content)) + "'";
    }

    /** JSON that ends no script element, whatever its texts are. */
    private static String inert(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }

    private static ObjectNode data(ReportedRun run, ReportFacts facts) {
        ObjectNode data = PageJson.tree(run);
        ObjectNode beside = PageJson.tree(facts);
        if (data.get("picture") instanceof ObjectNode picture) {
            picture.remove(PASSING);
            data.set("picture", bounded(picture));
        }
        drawn(beside.path("conflict"));
        String configuration = beside.path("configuration").asText();
        beside.setAll((ObjectNode) bounded(beside));
        beside.put("configuration", cut(configuration, LONGEST_CONFIGURATION));
        for (JsonNode sample : data.path("samples")) {
            if (sample instanceof ObjectNode one) {
                // Images are longer, and bounded by themselves.
                one.set("group", bounded(one.path("group")));
            }
        }
        return data.setAll(beside);
    }

    private static void drawn(JsonNode conflict) {
        if (conflict instanceof ObjectNode report) {
            report.retain("weights");
        }
        for (JsonNode weight : conflict.path("weights")) {
            if (weight instanceof ObjectNode one) {
                one.retain(WEIGHT);
            }
        }
    }

    /** The same with texts of bounded length. */
    private static JsonNode bounded(JsonNode node) {
        if (node.isTextual()) {
            return TextNode.valueOf(cut(node.asText(), LONGEST_TEXT));
        }
        if (node instanceof ObjectNode object) {
            ObjectNode same = object.objectNode();
            object.properties().forEach(field -> same.set(field.getKey(), bounded(field.getValue())));
            return same;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode same = array.arrayNode(array.size());
            array.forEach(item -> same.add(bounded(item)));
            return same;
        }
        return node;
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most) + " [cut here]";
    }
}
