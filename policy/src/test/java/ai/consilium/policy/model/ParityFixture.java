package ai.consilium.policy.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A tiny random model, and what transformers and PEFT computed with it; made by tests/parity/make_policy_fixture.py. */
public record ParityFixture(
        Path directory, ModelDirectory model, JsonNode fixture, Safetensors expected, Adapter adapter) {
    /** Each with what the others have not: see tests/parity/shapes.py. */
    public static final String[] NAMES = {"one-image", "two-images", "text-only"};

    public static ParityFixture read(String name) {
        Path directory = resource(name);
        try {
            return new ParityFixture(
                    directory,
                    ModelDirectory.open(directory),
                    new ObjectMapper()
                            .readTree(directory.resolve("fixture.json").toFile()),
                    Safetensors.open(directory.resolve("expected.safetensors")),
                    Adapter.readPeft(directory.resolve("adapter")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(ParityFixture.class.getResource("/parity/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    float[] expected(String tensor) {
        return expected.tensor(tensor).values();
    }

    /** Its pictures through our image processor. */
    List<ImageProcessor.Pixels> pixels() {
        List<ImageProcessor.Pixels> pixels = new ArrayList<>();
        for (int i = 0; i < fixture.path("grids").size(); i++) {
            pixels.add(model.images().process(directory.resolve("image-" + i + ".png"), ImageSettings.of(1_000_000)));
        }
        return pixels;
    }

    public EncodedPrompt prompt() {
        return new EncodedPrompt(integers("prompt"), pixels());
    }

    public int[] integers(String key) {
        int[] values = new int[fixture.path(key).size()];
        Arrays.setAll(values, i -> fixture.path(key).path(i).asInt());
        return values;
    }

    /** Largest difference as a share of the reference's largest value. */
    public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
        }
        assertThat(difference / largest).as(what + ": relative difference").isLessThan(tolerance);
    }
}
