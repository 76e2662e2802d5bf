package ai.consilium.merger.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.merger.merge.Conflict;
import ai.consilium.merger.merge.ConflictReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ConflictFilesTest {
    private static final List<String> EXPERTS = List.of("pediatrics", "adult_medicine");
    private static final List<String> PROJECTIONS = List.of(
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.o_proj",
            "mlp.gate_proj",
            "mlp.up_proj",
            "mlp.down_proj");
    private static final String LOWEST = "#440154";
    private static final String HIGHEST = "#fde725";

    @TempDir
    private Path directory;

    private static ConflictReport.Weight weight(String module, double figure, Double... interference) {
        return new ConflictReport.Weight(
                module, new Conflict(figure, figure / 2, -figure, figure / 4), List.of(interference));
    }

    /** Of 28 layers; conflict grows from weight to weight. */
    private static ConflictReport large() {
        List<ConflictReport.Weight> weights = new ArrayList<>();
        for (int layer = 0; layer < 28; layer++) {
            for (String projection : PROJECTIONS) {
                double figure = weights.size() / 196.0;
                weights.add(weight(
                        "base_model.model.model.layers." + layer + "." + projection, figure, figure, 1 + figure));
            }
        }
        return new ConflictReport(weights);
    }

    private JsonNode json() throws Exception {
        return new ObjectMapper().readTree(directory.resolve(ConflictFiles.JSON).toFile());
    }

    private NodeList drawn(String tag) throws Exception {
        String svg = Files.readString(directory.resolve(ConflictFiles.HEAT_MAP));
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
                .getElementsByTagName(tag);
    }

    private List<Element> cells(String style) throws Exception {
        List<Element> cells = new ArrayList<>();
        NodeList all = drawn("rect");
        for (int i = 0; i < all.getLength(); i++) {
            if (all.item(i) instanceof Element rect
                    && rect.getAttribute("class").equals(style)) {
                cells.add(rect);
            }
        }
        return cells;
    }

    @Test
    void givenTheReportOfALargeModelThenThereIsARowForEachWeightAndTheMeansAreOverThem() throws Exception {
        new ConflictFiles(directory).write(large(), "regmean", EXPERTS);

        JsonNode weights = json().get("weights");
        assertThat(weights).hasSize(196);
        JsonNode row = weights.get(7 * 3 + 5);
        assertThat(row.get("layer").asInt()).isEqualTo(3);
        assertThat(row.get("projection").asText()).isEqualTo("up_proj");
        assertThat(row.get("sign_conflict_rate").asDouble()).isEqualTo(26 / 196.0);
        assertThat(row.get("activation_interference").asDouble()).isCloseTo(0.5 + 26 / 196.0, within(1e-12));
        assertThat(row.get("activation_interference_of").get("adult_medicine").asDouble())
                .isEqualTo(1 + 26 / 196.0);
        assertThat(json().get("means").get("merge/activation_interference").asDouble())
                .isCloseTo(0.5 + 195 / 196.0 / 2, within(1e-12));
    }

    @Test
    void givenTheReportOfALargeModelThenEachFigureIsDrawnFromItsLowestToItsHighestValue() throws Exception {
        new ConflictFiles(directory).write(large(), "regmean", EXPERTS);

        List<Element> cells = cells("cell");
        assertThat(cells).hasSize(7 * 196);
        for (int panel = 0; panel < 4; panel++) {
            String first = panel == 2 ? HIGHEST : LOWEST;
            assertThat(cells.get(196 * panel).getAttribute("fill")).isEqualTo(first);
            assertThat(cells.get(196 * panel + 195).getAttribute("fill"))
                    .isEqualTo(first.equals(LOWEST) ? HIGHEST : LOWEST);
        }
        assertThat(cells.get(26).getTextContent()).isEqualTo("3 mlp.up_proj: 0.133");
        // The experts share a scale, so that they can be compared.
        assertThat(cells.get(5 * 196).getAttribute("fill")).isEqualTo(LOWEST);
        assertThat(cells.get(6 * 196).getAttribute("fill")).isNotEqualTo(LOWEST);
    }

    @Test
    void givenWeightsOutsideTheDecoderThenTheyHaveRowsOfTheirOwn() throws Exception {
        ConflictReport report = new ConflictReport(List.of(
                weight("base_model.model.lm_head", 0.1),
                weight("base_model.model.model.language_model.layers.0.mlp.up_proj", 0.2),
                weight("base_model.model.model.visual.blocks.0.attn.qkv", 0.3),
                weight("base_model.model.model.visual.merger.mlp.2", 0.4)));

        new ConflictFiles(directory).write(report, "ties", EXPERTS);

        assertThat(json().get("weights").get(0).get("layer").isNull()).isTrue();
        assertThat(cells("cell").subList(0, 4))
                .extracting(Element::getTextContent)
                .containsExactly(
                        "other lm_head: 0.100",
                        "model.language_model.layers 0 mlp.up_proj: 0.200",
                        "model.visual.blocks 0 attn.qkv: 0.300",
                        "model.visual.merger.mlp 2: 0.400");
        assertThat(json().get("means").has("merge/activation_interference")).isFalse();
    }

    @Test
    void givenAnExpertThatLeavesAWeightAsItIsThenItsInterferenceIsNotMeasured() throws Exception {
        String module = "base_model.model.model.layers.0.mlp.up_proj";
        ConflictReport report = new ConflictReport(List.of(weight(module, 0.1, Double.NaN, 0.6)));

        new ConflictFiles(directory).write(report, "average", EXPERTS);

        JsonNode row = json().get("weights").get(0);
        assertThat(row.get("activation_interference").asDouble()).isEqualTo(0.6);
        assertThat(row.get("activation_interference_of").get("pediatrics").isNull())
                .isTrue();
        assertThat(cells("none"))
                .singleElement()
                .satisfies(cell -> assertThat(cell.getTextContent()).isEqualTo("0 mlp.up_proj: none"));
    }
}
