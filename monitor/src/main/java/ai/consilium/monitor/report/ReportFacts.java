package ai.consilium.monitor.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a report tells beside the log: what a run directory holds.
 *
 * @param about what the run was: seed, data, model, versions
 * @param settings that differ from the defaults
 * @param configuration the whole, as YAML; empty where it is not known
 * @param results accuracies with intervals, by row and column ({@code results.json}); null where the run has none
 * @param comparisons paired differences of rows ({@code comparisons.json}); null likewise
 * @param conflict how the experts are at odds ({@code conflict.json}); null likewise
 * @param timings seconds by phase, and what else the run cost ({@code timings.json}); empty likewise
 * @param lineage newest version of each policy, with the hash of its lineage file
 */
public record ReportFacts(
        List<Fact> about,
        List<Setting> settings,
        String configuration,
        @Nullable JsonNode results,
        @Nullable JsonNode comparisons,
        @Nullable JsonNode conflict,
        Map<String, Double> timings,
        List<Head> lineage) {
    /** One thing that is known. */
    public record Fact(String name, String value) {}

    /** A setting. @param standard its default */
    public record Setting(String key, String standard, String value) {}

    /** The end of a chain of lineage files. @param sha256 of the version's file, by which the whole chain is held */
    public record Head(String version, String sha256) {}
}
