package ai.consilium.reward.scorer.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.reward.ScoringExamples;
import ai.consilium.reward.scorer.ScoringRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What docs/scorer says of our protocol is what we send and take. */
class OurProtocolTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path DOCS = Path.of("..", "docs", "scorer");

    @Test
    void givenTheSchemaOfAQuestionWhenOneIsSentThenEveryFieldStandsInItAndIsOfItsType() throws IOException {
        JsonNode schema = JSON.readTree(DOCS.resolve("question.schema.json").toFile());
        ScoringRequest with = ScoringExamples.submission(ScoringExamples.thinking("film one"), "analytical");
        ScoringRequest without = new ScoringRequest("t", ScoringExamples.pneumonia(null), "", "none", true);

        for (ScoringRequest asked : List.of(with, without)) {
            assertFits("question", sent(asked), schema);
        }
    }

    @Test
    void givenTheOpenApiFileThenItsSchemasAreThere() throws IOException {
        JsonNode api = new YAMLMapper().readTree(DOCS.resolve("openapi.yaml").toFile());

        for (JsonNode schema : api.findValues("schema")) {
            assertThat(DOCS.resolve(schema.path("$ref").asText())).isRegularFile();
        }
        assertThat(api.findValues("schema")).hasSize(2);
        assertThat(JSON.readTree(DOCS.resolve("reply.schema.json").toFile())
                        .path("properties")
                        .properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("score", "evidence", "unscored", "trajectory_id");
    }

    private static JsonNode sent(ScoringRequest asked) throws IOException {
        return JSON.readTree(ReplyReader.json(new ConsiliumProtocol().question(List.of(asked), null)));
    }

    /** As far as the schema of a question goes: types, required and no other fields. */
    private static void assertFits(String path, JsonNode value, JsonNode schema) {
        JsonNode type = schema.path("type");
        List<String> types =
                type.isArray() ? List.of(type.get(0).asText(), type.get(1).asText()) : List.of(type.asText());
        assertThat(types).as(path).contains(kind(value));
        if (value.isObject() && schema.has("properties")) {
            assertThat(value.properties())
                    .as(path)
                    .extracting(Map.Entry::getKey)
                    .containsExactlyInAnyOrderElementsOf(schema.path("properties").properties().stream()
                            .map(Map.Entry::getKey)
                            .toList());
            assertThat(schema.path("required")).as(path).hasSize(value.size());
            value.properties()
                    .forEach(field -> assertFits(
                            path + "." + field.getKey(),
                            field.getValue(),
                            schema.path("properties").path(field.getKey())));
        } else if (value.isArray()) {
            value.forEach(item -> assertFits(path + "[]", item, schema.path("items")));
        }
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case NUMBER -> "number";
            default -> "null";
        };
    }
}
