package ai.consilium.devcluster;

import ai.consilium.devcluster.SchemaStore.Version;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * What each call of Confluent's REST protocol answers, for Avro schemas without references
 * (docs.confluent.io, "Schema Registry API Reference"). Calls are taken one at a time.
 */
final class RegistryProtocol {
    private static final Set<String> MODES = Set.of("READWRITE", "READONLY", "IMPORT");
    private static final String GLOBAL = "";

    private final SchemaStore book;

    RegistryProtocol(SchemaStore book) {
        this.book = book;
    }

    synchronized List<String> subjects(String prefix, boolean deleted) {
        return book.subjects(deleted).stream()
                .filter(subject -> subject.startsWith(prefix))
                .toList();
    }

    synchronized List<Integer> versions(String subject, boolean deleted) {
        return require(subject, deleted).stream().map(Version::version).toList();
    }

    synchronized Map<String, Object> version(String subject, String number, boolean deleted) {
        return view(find(subject, number, deleted));
    }

    synchronized String versionSchema(String subject, String number, boolean deleted) {
        return find(subject, number, deleted).schema();
    }

    synchronized Map<String, Object> register(String subject, JsonNode request) {
        requireWritable(subject);
        Schema schema = schema(request);
        String text = schema.toString();
        List<Version> live = book.versions(subject, false);
        for (Version version : live) {
            if (version.schema().equals(text)) {
                return Map.of("id", version.id());
            }
        }
        List<String> objections = level(subject).objections(schema, parsed(live));
        if (!objections.isEmpty()) {
            throw new RegistryError(
                    409,
                    409,
                    "Schema being registered is incompatible with an earlier schema for subject \"" + subject
                            + "\", details: " + objections);
        }
        return Map.of("id", book.add(subject, text).id());
    }

    synchronized Map<String, Object> lookUp(String subject, JsonNode request, boolean deleted) {
        String text = schema(request).toString();
        return require(subject, deleted).stream()
                .filter(version -> version.schema().equals(text))
                .reduce((older, newer) -> newer)
                .map(RegistryProtocol::view)
                .orElseThrow(() -> new RegistryError(404, 40403, "Schema not found"));
    }

    synchronized List<Integer> deleteSubject(String subject, boolean permanent) {
        requireWritable(subject);
        List<Version> doomed = require(subject, permanent);
        if (permanent && doomed.stream().anyMatch(version -> !version.deleted())) {
            throw new RegistryError(
                    404, 40405, "Subject '" + subject + "' was not deleted first before being permanently deleted");
        }
        doomed.forEach(remover(permanent));
        return doomed.stream().map(Version::version).toList();
    }

    synchronized int deleteVersion(String subject, String number, boolean permanent) {
        requireWritable(subject);
        Version doomed = find(subject, number, permanent);
        if (permanent && !doomed.deleted()) {
            throw new RegistryError(
                    404,
                    40407,
                    "Subject '" + subject + "' Version " + number
                            + " was not deleted first before being permanently deleted");
        }
        remover(permanent).accept(doomed);
        return doomed.version();
    }

    private Consumer<Version> remover(boolean permanent) {
        return permanent ? book::erase : version -> book.put(version.softDeleted());
    }

    synchronized String schemaById(String id) {
        return book.schema(number(id)).orElseThrow(() -> RegistryError.noSchema(id));
    }

    synchronized List<Map<String, Object>> schemas(String prefix, boolean deleted) {
        return book.all(deleted).stream()
                .filter(version -> version.subject().startsWith(prefix))
                .map(RegistryProtocol::view)
                .toList();
    }

    synchronized List<String> subjectsOf(String id, boolean deleted) {
        return uses(id, deleted).map(Version::subject).distinct().toList();
    }

    synchronized List<Map<String, Object>> versionsOf(String id, boolean deleted) {
        return uses(id, deleted)
                .map(use -> Map.<String, Object>of("subject", use.subject(), "version", use.version()))
                .toList();
    }

    private Stream<Version> uses(String id, boolean deleted) {
        int wanted = number(id);
        schemaById(id);
        return book.all(deleted).stream().filter(version -> version.id() == wanted);
    }

    /** Against one version, or against what the subject's level asks when no version is named. */
    synchronized Map<String, Object> compatible(String subject, String number, JsonNode request, boolean verbose) {
        List<Version> earlier =
                number.isEmpty() ? book.versions(subject, false) : List.of(find(subject, number, false));
        List<String> objections = level(subject).objections(schema(request), parsed(earlier));
        return verbose
                ? Map.of("is_compatible", objections.isEmpty(), "messages", objections)
                : Map.of("is_compatible", objections.isEmpty());
    }

    synchronized Map<String, Object> config(String subject, boolean orGlobal) {
        if (!subject.isEmpty() && !orGlobal && book.level(subject).isEmpty()) {
            throw new RegistryError(
                    404, 40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
        }
        return Map.of("compatibilityLevel", level(subject).name());
    }

    synchronized Map<String, Object> setConfig(String subject, JsonNode request) {
        String level =
                Compatibility.named(request.path("compatibility").asText()).name();
        book.setLevel(subject, level);
        return Map.of("compatibility", level);
    }

    synchronized Map<String, Object> deleteConfig(String subject) {
        Map<String, Object> before = config(subject, false);
        book.setLevel(subject, null);
        return before;
    }

    synchronized Map<String, Object> mode(String subject, boolean orGlobal) {
        if (!subject.isEmpty() && !orGlobal && book.mode(subject).isEmpty()) {
            throw new RegistryError(
                    404, 40409, "Subject '" + subject + "' does not have subject-level mode configured");
        }
        return Map.of("mode", modeOf(subject));
    }

    synchronized Map<String, Object> setMode(String subject, JsonNode request) {
        String mode = request.path("mode").asText();
        if (!MODES.contains(mode)) {
            throw new RegistryError(422, 42204, "Invalid mode " + mode);
        }
        book.setMode(subject, mode);
        return Map.of("mode", mode);
    }

    synchronized Map<String, Object> deleteMode(String subject) {
        Map<String, Object> before = mode(subject, false);
        book.setMode(subject, null);
        return before;
    }

    private Compatibility level(String subject) {
        return Compatibility.named(
                book.level(subject).or(() -> book.level(GLOBAL)).orElse(Compatibility.BACKWARD.name()));
    }

    private String modeOf(String subject) {
        return book.mode(subject).or(() -> book.mode(GLOBAL)).orElse("READWRITE");
    }

    private void requireWritable(String subject) {
        if (modeOf(subject).equals("READONLY")) {
            throw new RegistryError(422, 42205, "Subject " + subject + " is in read-only mode");
        }
    }

    private List<Version> require(String subject, boolean deleted) {
        List<Version> versions = book.versions(subject, deleted);
        if (versions.isEmpty()) {
            throw RegistryError.noSubject(subject);
        }
        return versions;
    }

    private Version find(String subject, String number, boolean deleted) {
        List<Version> versions = require(subject, deleted);
        if (number.equals("latest") || number.equals("-1")) {
            return versions.get(versions.size() - 1);
        }
        int wanted = number(number);
        return versions.stream()
                .filter(version -> version.version() == wanted)
                .findFirst()
                .orElseThrow(() -> RegistryError.noVersion(number));
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new RegistryError(422, 42202, "The specified version '" + text + "' is not a valid version id.");
        }
    }

    private static List<Schema> parsed(List<Version> versions) {
        return versions.stream().map(version -> parse(version.schema())).toList();
    }

    private static Schema schema(JsonNode request) {
        String type = request.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new RegistryError(422, 42201, "Invalid schema type " + type + ": only AVRO is kept here");
        }
        if (!request.path("references").isEmpty()) {
            throw new RegistryError(422, 42201, "Invalid schema: references are not kept here");
        }
        return parse(request.path("schema").asText());
    }

    private static Schema parse(String text) {
        try {
            return new Schema.Parser().parse(text);
        } catch (AvroRuntimeException e) {
            throw new RegistryError(422, 42201, "Invalid schema: " + e.getMessage());
        }
    }

    private static Map<String, Object> view(Version version) {
        return Map.of(
                "subject", version.subject(),
                "version", version.version(),
                "id", version.id(),
                "schema", version.schema());
    }
}
