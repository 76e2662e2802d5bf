package ai.consilium.cli.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.runlog.lineage.LineageRecord;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.cyclonedx.Version;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ModelBomTest {
    private static final String HASH = "0123456789abcdef".repeat(4);

    @TempDir
    Path dir;

    private static LineageRecord lineage() {
        return new LineageRecord(
                1,
                "run-a",
                "pediatrics@60",
                "reinforcement",
                true,
                0,
                "2026-11-29T12:00:00Z",
                "learner/train",
                "0.2.0",
                new LineageRecord.Placed("policy-updates/0@12", HASH),
                null,
                HASH,
                new TreeMap<>(Map.of("train.jsonl", HASH, "train.jsonl.images", HASH)),
                HASH,
                new LineageRecord.AdapterFile(HASH, HASH, 10, null),
                null,
                List.of(new LineageRecord.Ancestor("pediatrics@59", HASH, HASH)),
                List.of(),
                List.of(),
                new LineageRecord.Trajectories(0, HASH),
                List.of(),
                null);
    }

    private BomFacts facts(Optional<LineageRecord> lineage, Optional<String> licence) throws Exception {
        Path sheet = Files.writeString(dir.resolve("datasheet.json"), "{}");
        return new BomFacts(
                "rl/pediatrics",
                false,
                16,
                "LoRA adapter.",
                "models/tiny",
                HASH,
                licence,
                "0.2.0",
                lineage,
                Optional.of(sheet));
    }

    private JsonNode written(BomFacts facts) throws Exception {
        Path out = Files.createDirectories(dir.resolve("out"));
        Files.writeString(out.resolve("adapter_model.safetensors"), "weights");
        Files.deleteIfExists(out.resolve(ModelBom.FILE));
        new ModelBom(facts).write(out);
        assertThat(new JsonParser().validate(out.resolve(ModelBom.FILE).toFile(), Version.VERSION_16))
                .isEmpty();
        return new ObjectMapper().readTree(out.resolve(ModelBom.FILE).toFile());
    }

    @Test
    void givenALineageWhenWrittenThenTheBillIsValidAndNamesModelBaseFilesAndCases() throws Exception {
        JsonNode bom = written(facts(Optional.of(lineage()), Optional.of("apache-2.0")));

        JsonNode model = bom.at("/metadata/component");
        assertThat(model.path("type").asText()).isEqualTo("machine-learning-model");
        assertThat(model.path("version").asText()).isEqualTo("pediatrics@60");
        assertThat(model.at("/modelCard/modelParameters/approach/type").asText())
                .isEqualTo("reinforcement-learning");
        assertThat(model.at("/modelCard/modelParameters/datasets/0/ref").asText())
                .isEqualTo("data:train.jsonl");
        assertThat(model.at("/modelCard/considerations/technicalLimitations/0").asText())
                .isEqualTo("Not for clinical use.");
        assertThat(bom.path("components"))
                .extracting(one -> one.path("name").asText())
                .containsExactly("models/tiny", "train.jsonl", "train.jsonl.images", "adapter_model.safetensors");
        assertThat(bom.at("/components/0/licenses/0/license/id").asText()).isEqualTo("Apache-2.0");
        assertThat(bom.at("/components/1/externalReferences/0/hashes/0/content").asText())
                .isEqualTo(DigestUtils.sha256Hex("{}"));
        assertThat(bom.at("/components/3/hashes/0/content").asText()).isEqualTo(DigestUtils.sha256Hex("weights"));
        assertThat(bom.at("/dependencies/0/dependsOn")).hasSize(4);
        assertThat(written(facts(Optional.of(lineage()), Optional.of("apache-2.0"))))
                .isEqualTo(bom);
    }

    @Test
    void givenNoLineageWhenWrittenThenTheBillIsValidWithoutIt() throws Exception {
        JsonNode bom = written(facts(Optional.empty(), Optional.of("hospital-licence")));

        assertThat(bom.at("/metadata/component").has("version")).isFalse();
        assertThat(bom.at("/components/0/licenses/0/license/name").asText()).isEqualTo("hospital-licence");
    }
}
