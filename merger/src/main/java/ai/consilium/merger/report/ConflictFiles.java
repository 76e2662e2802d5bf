package ai.consilium.merger.report;

import ai.consilium.merger.merge.ConflictReport;
import ai.consilium.merger.merge.ModuleName;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The conflict report of the newest merge as files: {@value #JSON}, a row for each weight, and {@value #HEAT_MAP}, a picture of
 * it.
 *
 * @param directory of the run
 */
public record ConflictFiles(Path directory) {
    public static final String JSON = "conflict.json";
    public static final String HEAT_MAP = "conflict.svg";

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * Writes both.
     *
     * @param experts names of those that took part, in the order of the report's figures
     */
    public void write(ConflictReport report, String method, List<String> experts) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("method", method);
        root.put("experts", experts);
        root.put("means", report.means());
        root.put(
                "weights",
                report.weights().stream().map(weight -> row(weight, experts)).toList());
        try {
            Files.writeString(directory.resolve(JSON), MAPPER.writeValueAsString(root) + "\n");
            Files.writeString(directory.resolve(HEAT_MAP), HeatMap.of(report, method, experts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, @Nullable Object> row(ConflictReport.Weight weight, List<String> experts) {
        ModuleName name = ModuleName.of(weight.module());
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("module", weight.module());
        row.put("layer", name.layer().isPresent() ? name.layer().getAsInt() : null);
        row.put("projection", name.projection());
        row.putAll(weight.figures());
        Map<String, @Nullable Double> each = new LinkedHashMap<>();
        for (int i = 0; i < weight.interference().size(); i++) {
            double value = weight.interference().get(i);
            each.put(experts.get(i), Double.isNaN(value) ? null : value);
        }
        row.put(ConflictReport.INTERFERENCE + "_of", each);
        return row;
    }
}
