package ai.consilium.cli.rescore;

import ai.consilium.cli.report.ReportJson;
import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A run scored again.
 *
 * @param groups all that were compared, in the order of their prompts
 */
public record Rescoring(RescoreSummary summary, List<GroupChange> groups) {
    private static final JsonMapper LINES = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /** Whether the run's own configuration was applied and something came out otherwise. */
    public boolean failed() {
        RescoreSummary.Check check = summary.check();
        return check != null && !check.exact();
    }

    /** What programs read. */
    public Object json() {
        return summary;
    }

    /** What people read. */
    public String table() {
        return RescoreTable.render(summary);
    }

    /**
     * Writes summary.json, changes.jsonl (a line a changed group) and report.html.
     *
     * @param directory made now
     * @throws UsageException when it exists already
     */
    public void write(Path directory, String run) throws IOException {
        if (Files.exists(directory)) {
            throw new UsageException("--out: " + directory + " already exists");
        }
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("summary.json"), ReportJson.write(summary) + "\n");
        List<String> lines = new ArrayList<>();
        for (GroupChange group : groups) {
            if (group.changed()) {
                lines.add(LINES.writeValueAsString(group));
            }
        }
        Files.write(directory.resolve("changes.jsonl"), lines);
        Files.writeString(directory.resolve("report.html"), RescorePage.of(this, run));
    }
}
