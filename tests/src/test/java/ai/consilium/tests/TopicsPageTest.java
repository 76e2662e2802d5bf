package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** docs/TOPICS.md says what the catalogue says. */
class TopicsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "TOPICS.md");
    private static final String WRITE = "consilium.docs.write";

    @Test
    void givenTheCatalogueWhenRenderedThenThePageIsTheSame() throws IOException {
        String rendered = page();
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(PAGE, rendered);
        }
        assertThat(PAGE)
                .as("docs/TOPICS.md is generated from Topics and the schemas; to write it again: "
                        + "mvn -q -Dquick -pl tests -am test -Dtest=TopicsPageTest "
                        + "-Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true")
                .hasContent(rendered);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Topics

                Generated from the catalogue `Topics` and the Avro schemas by `TopicsPageTest`; change those, not this page.
                Topic names begin with the run's id: the prompts of run `a` are in topic `a-prompts`. Keys are strings, values
                are Avro in Confluent's wire format. How topics are used: [design.md](design.md#topics). Commands that inspect a run
                read any topic; the table names roles.

                | topic | key | value | partitions | retention | written by | read by |
                |---|---|---|---|---|---|---|
                """);
        for (Topics topic : Topics.values()) {
            page.append("| [`%s`](#%s) | %s | %s | %s | %s | %s | %s |%n"
                    .formatted(
                            topic.baseName(),
                            topic.baseName(),
                            topic.keyMeaning(),
                            topic.schema().getName(),
                            partitions(topic),
                            kept(topic),
                            roles(topic.writers()),
                            roles(topic.readers())));
        }
        for (Topics topic : Topics.values()) {
            section(topic, page);
        }
        return page.toString();
    }

    private static void section(Topics topic, StringBuilder page) {
        Schema schema = topic.schema();
        page.append("%n## %s%n%s%n%n| field | type | |%n|---|---|---|%n".formatted(topic.baseName(), schema.getDoc()));
        fields(schema, "", page);
    }

    private static void fields(Schema record, String prefix, StringBuilder page) {
        for (Schema.Field field : record.getFields()) {
            String name = prefix + field.name();
            page.append("| `%s` | %s | %s |%n".formatted(name, type(field.schema()), doc(field)));
            if (field.schema().getType() == Schema.Type.ARRAY
                    && field.schema().getElementType().getType() == Schema.Type.RECORD) {
                fields(field.schema().getElementType(), name + "[].", page);
            } else if (field.schema().getType() == Schema.Type.RECORD) {
                fields(field.schema(), name + ".", page);
            } else if (field.schema().getType() == Schema.Type.UNION) {
                field.schema().getTypes().stream()
                        .filter(type -> type.getType() == Schema.Type.RECORD)
                        .forEach(type -> fields(type, name + ".", page));
            }
        }
    }

    private static String doc(Schema.Field field) {
        String doc = field.doc() == null ? "" : field.doc();
        String more =
                field.schema().getType() == Schema.Type.ENUM && field.schema().getDoc() != null
                        ? " " + field.schema().getDoc()
                        : "";
        return (doc + more).replace("|", "\\|");
    }

    private static String type(Schema schema) {
        return switch (schema.getType()) {
            case ARRAY -> "array of " + type(schema.getElementType());
            case MAP -> "map to " + type(schema.getValueType());
            case UNION ->
                String.join(
                        " or ",
                        schema.getTypes().stream().map(TopicsPageTest::type).toList());
            case ENUM -> String.join(", ", schema.getEnumSymbols());
            case RECORD -> schema.getName();
            default -> schema.getType().getName().toLowerCase(Locale.ROOT);
        };
    }

    private static String roles(List<String> roles) {
        if (roles.isEmpty()) {
            return "people";
        }
        return roles.size() == Role.values().length ? "all roles" : String.join(", ", roles);
    }

    private static String partitions(Topics topic) {
        return switch (topic.partitioning()) {
            case BY_GROUP -> "`kafka.partitions`";
            case BY_POLICY -> "one per policy, by the run's manifest";
            case ONE -> "1";
        };
    }

    private static String kept(Topics topic) {
        return switch (topic.cleanup()) {
            case DELETE -> Duration.ofMillis(topic.cleanup().retentionMs()).toDays() + " days";
            case BRIEF -> Duration.ofMillis(topic.cleanup().retentionMs()).toMinutes() + " minutes";
            case COMPACT -> "last record per key";
            case KEEP, HISTORY -> "forever";
        };
    }
}
