package ai.consilium.runlog.lineage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * What a published version was made from, as its lineage file says it. All hashes are SHA-256 in lower-case hex. The file is the
 * canonical JSON of RFC 8785 (there are strings, whole numbers and truth values only), so that the hash of its bytes is the hash
 * of what it says; versions that came of this one name that hash.
 *
 * @param format of these fields
 * @param version policy and number: {@code pediatrics@3}
 * @param kind dsa, reinforcement, merge or distillation
 * @param created by the clock of the writer of the update, in UTC
 * @param writer role and instance that published it
 * @param code version of Consilium that wrote the manifest; null without a manifest
 * @param update the policy update
 * @param manifest in effect when the update was written; null where the log has none
 * @param baseModelSha256 the base; null without a manifest
 * @param cases hashes of the case files and of their pictures, by name
 * @param settingsSha256 of what the weights depend on, as the checkpoint names it
 * @param previous the version of the same policy before this one; null for the first
 * @param parents that it was made from; of a unified agent the experts, and what they started from
 * @param consumed input that its update consumed, gaps of transactions included
 * @param groups that it was trained on, in that order
 * @param scoring configurations by which these groups were scored
 * @param recorded the run whose recorded samples it was trained on; null of a run that sampled itself
 */
public record LineageRecord(
        int format,
        String run,
        String version,
        String kind,
        @JsonProperty("final") boolean finalVersion,
        int round,
        String created,
        String writer,
        @Nullable String code,
        Placed update,
        @Nullable Placed manifest,
        @Nullable String baseModelSha256,
        SortedMap<String, String> cases,
        String settingsSha256,
        AdapterFile adapter,
        @Nullable Ancestor previous,
        List<Ancestor> parents,
        List<Range> consumed,
        List<Group> groups,
        Trajectories trajectories,
        List<Scoring> scoring,
        @Nullable Recorded recorded) {
    /** The one that is written today. */
    static final int FORMAT = 1;

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .build();

    /** Copies the collections. */
    public LineageRecord {
        cases = Collections.unmodifiableSortedMap(new TreeMap<>(cases));
        parents = List.copyOf(parents);
        consumed = List.copyOf(consumed);
        groups = List.copyOf(groups);
        scoring = List.copyOf(scoring);
    }

    /**
     * A record.
     *
     * @param place {@code policy-updates/0@12}
     * @param sha256 of its value's bytes on the log
     */
    public record Placed(String place, String sha256) {}

    /**
     * The adapter.
     *
     * @param tensorsSha256 of names, shapes and values, as spans of trajectories name it
     * @param fileSha256 of the safetensors file; null where the update, of an earlier version of Consilium, does not name it
     * @param base what it was trained over; null where that is the model itself
     */
    public record AdapterFile(
            String tensorsSha256,
            @Nullable String fileSha256,
            long bytes,
            @Nullable FoldedBase base) {
        /** Tensors of what is exported: over the model itself. */
        public String exportedSha256() {
            return base == null ? tensorsSha256 : base.wholeSha256();
        }
    }

    /**
     * The model with an agent folded in.
     *
     * @param agent its version
     * @param tensorsSha256 its tensors
     * @param weightsSha256 of the weights that it changed
     * @param wholeSha256 tensors of the adapter and the agent as one over the model itself
     */
    public record FoldedBase(String agent, String tensorsSha256, String weightsSha256, String wholeSha256) {}

    /**
     * A version that this one came of.
     *
     * @param lineageSha256 of its lineage file; null where it has none
     */
    public record Ancestor(
            String version, String tensorsSha256, @Nullable String lineageSha256) {}

    /**
     * Records of a partition.
     *
     * @param from first offset
     * @param to one past the last
     */
    public record Range(String topic, int partition, long from, long to) {}

    /**
     * A group as it was handed to the learner.
     *
     * @param place of its record; null where it is no longer on the log, and so its hash and its scoring
     * @param scoring hash of the configuration that decided
     */
    public record Group(
            String id,
            @Nullable String place,
            @Nullable String sha256,
            @Nullable String scoring,
            int trajectories) {}

    /**
     * The trajectories of the groups.
     *
     * @param sha256 of their ids in the order of groups and samples, a line feed after each; an id is the hash of what was sampled
     */
    public record Trajectories(int count, String sha256) {}

    /**
     * A scoring configuration.
     *
     * @param sha256 its name
     * @param estimator of the advantages; null where the configuration is not on the log
     */
    public record Scoring(String sha256, @Nullable String estimator, List<Scorer> scorers) {
        public Scoring {
            scorers = List.copyOf(scorers);
        }
    }

    /** @param version hash of what the scorer does */
    public record Scorer(String name, String version) {}

    /**
     * A run whose samples another was trained on.
     *
     * @param run its name
     * @param manifestSha256 of the newest revision of its manifest, as its own lineage files name it
     */
    public record Recorded(String run, String manifestSha256) {
        /** Keys of a manifest's settings. */
        public static final String RUN = "recorded.run_id";

        public static final String MANIFEST = "recorded.manifest.sha256";

        static @Nullable Recorded of(Map<String, String> settings) {
            String run = settings.get(RUN);
            return run == null ? null : new Recorded(run, settings.getOrDefault(MANIFEST, ""));
        }
    }

    /** Name of a version. */
    public static String name(String policy, long version) {
        return policy + "@" + version;
    }

    /** Policy of the version. */
    public String policy() {
        return version.substring(0, version.lastIndexOf('@'));
    }

    /** Number of the version within its policy. */
    public long number() {
        return Long.parseLong(version.substring(version.lastIndexOf('@') + 1));
    }

    /** Content of the lineage file. */
    public byte[] toJson() {
        try {
            return JSON.writeValueAsBytes(JSON.treeToValue(JSON.valueToTree(this), TreeMap.class));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** SHA-256 of the lineage file. */
    public String sha256() {
        return DigestUtils.sha256Hex(toJson());
    }

    /** The same as a tree. */
    public JsonNode toTree() {
        return JSON.valueToTree(this);
    }

    /** Reads {@link #toJson()}. @throws IOException when it is something else */
    public static LineageRecord fromJson(byte[] file) throws IOException {
        return JSON.readValue(file, LineageRecord.class);
    }
}
