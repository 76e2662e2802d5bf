package ai.consilium.cli.export;

import ai.consilium.runlog.lineage.LineageRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.cyclonedx.Version;
import org.cyclonedx.exception.GeneratorException;
import org.cyclonedx.generators.BomGeneratorFactory;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Dependency;
import org.cyclonedx.model.ExternalReference;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.License;
import org.cyclonedx.model.LicenseChoice;
import org.cyclonedx.model.Metadata;
import org.cyclonedx.model.Property;
import org.cyclonedx.model.component.ModelCard;
import org.cyclonedx.model.component.data.DatasetChoice;
import org.cyclonedx.model.component.modelCard.Considerations;
import org.cyclonedx.model.component.modelCard.InputOutputParameter;
import org.cyclonedx.model.component.modelCard.ModelParameters;
import org.cyclonedx.util.LicenseResolver;

/**
 * The bill of materials of an exported model (CycloneDX 1.6): the model with its card, its files, the base and the cases that it was
 * trained on, each by hash. The same export gives the same bytes.
 */
final class ModelBom {
    /** Name of the file in the exported directory. */
    static final String FILE = "bom.cdx.json";

    private static final String MODEL = "model";
    private static final String BASE = "base-model";

    private final BomFacts facts;

    ModelBom(BomFacts facts) {
        this.facts = facts;
    }

    /** Writes it for all that is in a directory. */
    void write(Path directory) throws IOException {
        SortedMap<String, String> files = hashes(directory);
        List<Component> components = new ArrayList<>();
        components.add(base());
        List<Component> cases = cases();
        components.addAll(cases);
        files.forEach(
                (name, sha256) -> components.add(hashed(component(Component.Type.FILE, "file:" + name, name), sha256)));
        Bom bom = new Bom();
        String what = facts.name() + facts.lineage().map(LineageRecord::sha256).orElse("") + files;
        bom.setSerialNumber("urn:uuid:" + UUID.nameUUIDFromBytes(what.getBytes(StandardCharsets.UTF_8)));
        bom.setMetadata(metadata(cases));
        bom.setComponents(components);
        bom.setDependencies(dependencies(components));
        try {
            Files.writeString(
                    directory.resolve(FILE),
                    BomGeneratorFactory.createJson(Version.VERSION_16, bom).toJsonString() + "\n");
        } catch (GeneratorException e) {
            throw new IOException(FILE + " cannot be written: " + e.getMessage(), e);
        }
    }

    private Metadata metadata(List<Component> cases) {
        Metadata metadata = new Metadata();
        Component model = component(Component.Type.MACHINE_LEARNING_MODEL, MODEL, facts.name());
        model.setDescription(facts.card().strip());
        model.setModelCard(card(cases));
        List<Property> properties = new ArrayList<>();
        properties.add(new Property("consilium:code", facts.code()));
        facts.lineage().ifPresent(lineage -> {
            metadata.setTimestamp(Date.from(Instant.parse(lineage.created())));
            model.setVersion(lineage.version());
            properties.add(new Property("consilium:run", lineage.run()));
            properties.add(
                    new Property("consilium:tensors-sha256", lineage.adapter().exportedSha256()));
            properties.add(new Property("consilium:lineage-sha256", lineage.sha256()));
            for (LineageRecord.Ancestor parent : lineage.parents()) {
                properties.add(new Property("consilium:parent", parent.version() + " " + parent.tensorsSha256()));
            }
        });
        model.setProperties(properties);
        metadata.setComponent(model);
        return metadata;
    }

    private ModelCard card(List<Component> cases) {
        ModelParameters parameters = new ModelParameters();
        ModelParameters.Approach approach = new ModelParameters.Approach();
        approach.setType(
                facts.lineage().filter(lineage -> lineage.kind().equals("dsa")).isPresent()
                        ? ModelParameters.Approach.ApproachType.SUPERVISED
                        : ModelParameters.Approach.ApproachType.REINFORCEMENT_LEARNING);
        parameters.setApproach(approach);
        parameters.setTask("visual question answering");
        parameters.setArchitectureFamily("Qwen2.5-VL");
        parameters.setModelArchitecture(
                (facts.folded() ? "Qwen2.5-VL with a merged LoRA adapter of rank " : "LoRA adapter of rank ")
                        + facts.rank());
        parameters.setInputs(List.of(format("image/png, image/jpeg"), format("text/plain")));
        parameters.setOutputs(List.of(format("text/plain")));
        parameters.setDatasets(cases.stream().map(ModelBom::choice).toList());
        Considerations considerations = new Considerations();
        considerations.setTechnicalLimitations(List.of("Not for clinical use."));
        ModelCard card = new ModelCard();
        card.setModelParameters(parameters);
        card.setConsiderations(considerations);
        return card;
    }

    private static DatasetChoice choice(Component cases) {
        DatasetChoice choice = new DatasetChoice();
        choice.setRef(cases.getBomRef());
        return choice;
    }

    private static InputOutputParameter format(String format) {
        InputOutputParameter parameter = new InputOutputParameter();
        parameter.setFormat(format);
        return parameter;
    }

    private Component base() {
        Component base =
                hashed(component(Component.Type.MACHINE_LEARNING_MODEL, BASE, facts.base()), facts.baseSha256());
        base.setDescription("The base of the adapter; the hash is of all its files that decide on its outputs.");
        facts.baseLicence().ifPresent(name -> base.setLicenses(licence(name)));
        return base;
    }

    /** By its SPDX id where it is one. */
    private static LicenseChoice licence(String name) {
        LicenseChoice known = LicenseResolver.resolve(name);
        if (known != null) {
            return known;
        }
        License other = new License();
        other.setName(name);
        LicenseChoice choice = new LicenseChoice();
        choice.addLicense(other);
        return choice;
    }

    /** Case files of which lineage has the hash: their own, and those of their pictures. */
    private List<Component> cases() throws IOException {
        List<Component> cases = new ArrayList<>();
        for (Map.Entry<String, String> file : facts.lineage()
                .map(LineageRecord::cases)
                .orElse(new TreeMap<>())
                .entrySet()) {
            Component data =
                    hashed(component(Component.Type.DATA, "data:" + file.getKey(), file.getKey()), file.getValue());
            if (facts.datasheet().isPresent()) {
                Path sheet = facts.datasheet().get();
                ExternalReference reference = new ExternalReference();
                reference.setType(ExternalReference.Type.DOCUMENTATION);
                reference.setUrl(String.valueOf(sheet.getFileName()));
                reference.setComment("datasheet of the cases, beside them");
                reference.addHash(new Hash(Hash.Algorithm.SHA_256, sha256(sheet)));
                data.setExternalReferences(List.of(reference));
            }
            cases.add(data);
        }
        return cases;
    }

    private static List<Dependency> dependencies(List<Component> components) {
        Dependency model = new Dependency(MODEL);
        components.forEach(component -> model.addDependency(new Dependency(component.getBomRef())));
        return List.of(model);
    }

    private static Component component(Component.Type type, String ref, String name) {
        Component component = new Component();
        component.setType(type);
        component.setBomRef(ref);
        component.setName(name);
        return component;
    }

    private static Component hashed(Component component, String sha256) {
        component.setHashes(List.of(new Hash(Hash.Algorithm.SHA_256, sha256)));
        return component;
    }

    private static SortedMap<String, String> hashes(Path directory) throws IOException {
        SortedMap<String, String> hashes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                hashes.put(directory.relativize(file).toString(), sha256(file));
            }
        }
        return hashes;
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return DigestUtils.sha256Hex(content);
        }
    }
}
