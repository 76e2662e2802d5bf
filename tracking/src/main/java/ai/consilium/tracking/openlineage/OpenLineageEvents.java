package ai.consilium.tracking.openlineage;

import ai.consilium.runlog.lineage.LineageRecord;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.openlineage.client.OpenLineage;
import io.openlineage.client.OpenLineageClientUtils;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * A published version as an OpenLineage run event: a job that has completed, its inputs (ranges of training groups with their
 * offsets, parents, case files, the base) and its output, a version of an adapter. The same lineage gives the same event. Pure.
 *
 * @param kafka namespace of topics, {@code kafka://host:port}
 */
public record OpenLineageEvents(String kafka) {
    /** Where they are written, beside the lineage files. */
    public static final String FILE = "openlineage.jsonl";

    private static final String NAMESPACE = "consilium";
    private static final OpenLineage BUILDER = new OpenLineage(URI.create("urn:consilium:tracking"));
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What a line is about. */
    public static String key(JsonNode event) {
        return event.at("/run/runId").asText();
    }

    /** The event as a line of JSON. */
    public String of(LineageRecord lineage) {
        OpenLineage.RunEvent event = BUILDER.newRunEventBuilder()
                .eventTime(ZonedDateTime.parse(lineage.created()))
                .eventType(OpenLineage.RunEvent.EventType.COMPLETE)
                .run(BUILDER.newRun(runId(lineage), runFacets(lineage)))
                .job(BUILDER.newJob(
                        NAMESPACE,
                        lineage.run() + "." + lineage.policy() + "." + lineage.kind(),
                        BUILDER.newJobFacetsBuilder()
                                .jobType(BUILDER.newJobTypeJobFacet("STREAMING", "CONSILIUM", "TRAINING", null))
                                .build()))
                .inputs(inputs(lineage))
                .outputs(List.of(BUILDER.newOutputDataset(
                        NAMESPACE,
                        adapter(lineage.run(), lineage.policy()),
                        versioned(
                                Long.toString(lineage.number()),
                                "consilium_adapter",
                                Map.of(
                                        "tensorsSha256", lineage.adapter().tensorsSha256(),
                                        "fileSha256",
                                                String.valueOf(lineage.adapter().fileSha256()),
                                        "bytes", lineage.adapter().bytes())),
                        null)))
                .build();
        return OpenLineageClientUtils.toJson(event);
    }

    /** Named by what it is, so that an event that is sent again is the same. */
    private static UUID runId(LineageRecord lineage) {
        return UUID.nameUUIDFromBytes(
                ("consilium " + lineage.run() + " " + lineage.version()).getBytes(StandardCharsets.UTF_8));
    }

    private static OpenLineage.RunFacets runFacets(LineageRecord lineage) {
        OpenLineage.RunFacet facet = BUILDER.newRunFacet();
        facet.getAdditionalProperties().put("lineageSha256", lineage.sha256());
        facet.getAdditionalProperties().put("settingsSha256", lineage.settingsSha256());
        facet.getAdditionalProperties()
                .put("scoring", JSON.convertValue(lineage.toTree().path("scoring"), new TypeReference<Object>() {}));
        OpenLineage.RunFacetsBuilder facets = BUILDER.newRunFacetsBuilder().put("consilium_lineage", facet);
        if (lineage.code() != null) {
            facets.processing_engine(BUILDER.newProcessingEngineRunFacet(lineage.code(), "Consilium", lineage.code()));
        }
        return facets.build();
    }

    private List<OpenLineage.InputDataset> inputs(LineageRecord lineage) {
        List<OpenLineage.InputDataset> inputs = new ArrayList<>();
        for (LineageRecord.Range range : lineage.consumed()) {
            List<Map<String, String>> groups = lineage.groups().stream()
                    .map(group -> Map.of(
                            "id", group.id(),
                            "place", String.valueOf(group.place()),
                            "sha256", String.valueOf(group.sha256())))
                    .toList();
            inputs.add(BUILDER.newInputDataset(
                    kafka,
                    lineage.run() + "-" + range.topic(),
                    versioned(
                            String.format(Locale.ROOT, "%d@%d-%d", range.partition(), range.from(), range.to()),
                            "consilium_groups",
                            Map.of(
                                    "partition", range.partition(),
                                    "fromOffset", range.from(),
                                    "toOffset", range.to(),
                                    "groups", groups)),
                    null));
        }
        for (LineageRecord.Ancestor parent : lineage.parents()) {
            int at = parent.version().lastIndexOf('@');
            inputs.add(BUILDER.newInputDataset(
                    NAMESPACE,
                    adapter(lineage.run(), parent.version().substring(0, at)),
                    versioned(
                            parent.version().substring(at + 1),
                            "consilium_adapter",
                            Map.of("tensorsSha256", parent.tensorsSha256())),
                    null));
        }
        lineage.cases().forEach((file, sha256) -> inputs.add(dataset("cases/" + file, sha256)));
        if (lineage.baseModelSha256() != null) {
            inputs.add(dataset("base-model", lineage.baseModelSha256()));
        }
        return inputs;
    }

    private static String adapter(String run, String policy) {
        return run + "/" + policy;
    }

    private static OpenLineage.InputDataset dataset(String name, String sha256) {
        return BUILDER.newInputDataset(
                NAMESPACE, name, versioned(sha256, "consilium_file", Map.of("sha256", sha256)), null);
    }

    private static OpenLineage.DatasetFacets versioned(String version, String name, Map<String, Object> properties) {
        OpenLineage.DatasetFacet facet = BUILDER.newDatasetFacet();
        facet.getAdditionalProperties().putAll(new java.util.TreeMap<>(properties));
        return BUILDER.newDatasetFacetsBuilder()
                .version(BUILDER.newDatasetVersionDatasetFacet(version))
                .put(name, facet)
                .build();
    }
}
