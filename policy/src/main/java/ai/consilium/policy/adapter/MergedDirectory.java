package ai.consilium.policy.adapter;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.SafetensorsWriter;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.WeightLayout;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A base with an adapter's update added to its weights, as a Hugging Face directory that needs no PEFT. */
public final class MergedDirectory {
    /** What belongs to a model beside its weights, as far as it is there. */
    private static final List<String> BESIDE = List.of(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "consilium.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "preprocessor_config.json",
            "processor_config.json",
            "video_preprocessor_config.json",
            "chat_template.json",
            "chat_template.jinja");

    private MergedDirectory() {}

    /**
     * Writes one, tensor by tensor; each keeps the base's type (BF16 is rounded to the nearest).
     *
     * @param directory is made; must not hold a model
     * @param card text of README.md
     * @throws ModelException when the adapter does not fit the base, or the directory holds something
     */
    public static void write(ModelDirectory base, Adapter adapter, Path directory, String card) {
        ResidentAdapter.check(adapter, base.config());
        Map<String, LoraTarget> updated = FoldedBase.targets(base.config(), adapter);
        SortedMap<String, SafetensorsWriter.Form> forms = new TreeMap<>();
        for (WeightLayout.Part part : WeightLayout.parts(base.config())) {
            forms.put(
                    part.name(),
                    new SafetensorsWriter.Form(part.tensor(new float[0]).shape(), base.brief(part.name())));
        }
        try {
            Files.createDirectories(directory);
            for (String file : BESIDE) {
                if (Files.isRegularFile(base.path().resolve(file))) {
                    Files.copy(base.path().resolve(file), directory.resolve(file));
                }
            }
            Files.writeString(directory.resolve("README.md"), card);
            try (OutputStream out =
                    new BufferedOutputStream(Files.newOutputStream(directory.resolve("model.safetensors")))) {
                SafetensorsWriter.stream(out, forms, Map.of(), (name, form, to) -> {
                    LoraTarget target = updated.get(name);
                    if (target == null) {
                        base.copy(name, to);
                    } else {
                        HostTensor weight = base.tensor(name);
                        FoldedBase.add(weight.values(), adapter, target);
                        SafetensorsWriter.values(to, weight, form);
                    }
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
