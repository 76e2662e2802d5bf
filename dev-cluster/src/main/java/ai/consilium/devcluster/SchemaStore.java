package ai.consilium.devcluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Subjects, versions, ids, levels and modes: what the registry knows. Every change goes to the log first. Thread-safe. */
final class SchemaStore implements AutoCloseable {
    /** A schema under a subject; several subjects may share an id. */
    record Version(String subject, int version, int id, String schema, boolean deleted) {
        Version softDeleted() {
            return new Version(subject, version, id, schema, true);
        }
    }

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final SchemaLog log;
    private final NavigableMap<String, NavigableMap<Integer, Version>> subjects = new TreeMap<>();
    private final Map<Integer, String> schemaById = new HashMap<>();
    private final Map<String, Integer> idBySchema = new HashMap<>();
    private final Map<String, String> levels = new HashMap<>();
    private final Map<String, String> modes = new HashMap<>();
    private int highestId;

    /** The book as the log tells it. */
    SchemaStore(SchemaLog log) {
        this.log = log;
        log.replay(this::apply);
    }

    private synchronized void apply(JsonNode key, JsonNode value) {
        String subject = key.path("subject").asText("");
        switch (key.path("keytype").asText()) {
            case "SCHEMA" -> applySchema(subject, key.path("version").asInt(), value);
            case "CONFIG" -> applySetting(levels, subject, value.path("compatibilityLevel"));
            case "MODE" -> applySetting(modes, subject, value.path("mode"));
            default -> {
                // Kinds that only Confluent's own registry writes (NOOP, DELETE_SUBJECT, CONTEXT, ...) change nothing
                // here.
            }
        }
    }

    private void applySchema(String subject, int number, JsonNode value) {
        NavigableMap<Integer, Version> versions = subjects.computeIfAbsent(subject, name -> new TreeMap<>());
        if (value.isNull()) {
            versions.remove(number);
            return;
        }
        String schema = value.path("schema").asText();
        int id = value.path("id").asInt();
        versions.put(
                number,
                new Version(subject, number, id, schema, value.path("deleted").asBoolean()));
        schemaById.put(id, schema);
        idBySchema.putIfAbsent(schema, id);
        highestId = Math.max(highestId, id);
    }

    private static void applySetting(Map<String, String> settings, String subject, JsonNode value) {
        if (value.isTextual()) {
            settings.put(subject, value.asText());
        } else {
            settings.remove(subject);
        }
    }

    private void write(JsonNode key, JsonNode value) {
        log.append(key, value);
        apply(key, value);
    }

    private static ObjectNode schemaKey(Version version) {
        return JSON.objectNode()
                .put("keytype", "SCHEMA")
                .put("subject", version.subject())
                .put("version", version.version())
                .put("magic", 1);
    }

    /** Adds or overwrites a version. */
    synchronized void put(Version version) {
        write(
                schemaKey(version),
                JSON.objectNode()
                        .put("subject", version.subject())
                        .put("version", version.version())
                        .put("id", version.id())
                        .put("schema", version.schema())
                        .put("deleted", version.deleted()));
    }

    /** Appends a schema to a subject; a schema that is known elsewhere keeps its id. */
    synchronized Version add(String subject, String schema) {
        NavigableMap<Integer, Version> versions = subjects.getOrDefault(subject, new TreeMap<>());
        int number = versions.isEmpty() ? 1 : versions.lastKey() + 1;
        Version version = new Version(subject, number, idBySchema.getOrDefault(schema, highestId + 1), schema, false);
        put(version);
        return version;
    }

    /** Removes a version for good. */
    synchronized void erase(Version version) {
        write(schemaKey(version), NullNode.instance);
    }

    /** Versions of a subject, oldest first. */
    synchronized List<Version> versions(String subject, boolean withDeleted) {
        return subjects.getOrDefault(subject, new TreeMap<>()).values().stream()
                .filter(version -> withDeleted || !version.deleted())
                .toList();
    }

    /** Every version of every subject. */
    synchronized List<Version> all(boolean withDeleted) {
        return subjects.keySet().stream()
                .flatMap(subject -> versions(subject, withDeleted).stream())
                .sorted(Comparator.comparingInt(Version::id))
                .toList();
    }

    /** Names of the subjects that have a version. */
    synchronized List<String> subjects(boolean withDeleted) {
        return subjects.keySet().stream()
                .filter(subject -> !versions(subject, withDeleted).isEmpty())
                .toList();
    }

    /** Text of a schema. */
    synchronized Optional<String> schema(int id) {
        return Optional.ofNullable(schemaById.get(id));
    }

    /** Compatibility level of a subject; the empty name is the global one. */
    synchronized Optional<String> level(String subject) {
        return Optional.ofNullable(levels.get(subject));
    }

    /** Mode of a subject; the empty name is the global one. */
    synchronized Optional<String> mode(String subject) {
        return Optional.ofNullable(modes.get(subject));
    }

    /** Sets, or with null forgets, a compatibility level. */
    synchronized void setLevel(String subject, @Nullable String level) {
        set("CONFIG", subject, "compatibilityLevel", level);
    }

    /** Sets, or with null forgets, a mode. */
    synchronized void setMode(String subject, @Nullable String mode) {
        set("MODE", subject, "mode", mode);
    }

    private void set(String keytype, String subject, String field, @Nullable String value) {
        ObjectNode key = JSON.objectNode().put("keytype", keytype);
        if (subject.isEmpty()) {
            key.putNull("subject");
        } else {
            key.put("subject", subject);
        }
        key.put("magic", 0);
        write(key, value == null ? NullNode.instance : JSON.objectNode().put(field, value));
    }

    @Override
    public void close() {
        log.close();
    }
}
