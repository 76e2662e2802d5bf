package ai.consilium.policy.input;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.image.ImageDecoder;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.image.RgbImage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Smart resize, rescale, normalise, patches, as Qwen2VLImageProcessor does. Thread-safe. */
public final class ImageProcessor {
    private static final String OWN = "preprocessor_config.json";
    /** transformers 5 writes all of a model's processors to one file, each under its name. */
    private static final String SHARED = "processor_config.json";

    private static final String NESTED = "image_processor";
    private static final int BICUBIC = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int patch;
    private final int temporalPatch;
    private final int merge;
    private final long minPixels;
    private final long maxPixels;
    /** What each of the 256 byte values becomes, by channel. */
    private final float[][] normalised = new float[3][256];

    /**
     * An image as the vision tower takes it.
     *
     * @param patches [gridT·gridH·gridW, channels·temporalPatch·patch·patch] row-major, merge groups consecutive
     * @param gridT frames / temporal patch size
     * @param gridH patches down
     * @param gridW patches across
     */
    public record Pixels(float[] patches, int gridT, int gridH, int gridW) {}

    private ImageProcessor(JsonNode config) {
        for (String step : List.of("do_resize", "do_rescale", "do_normalize")) {
            if (!config.path(step).asBoolean(true)) {
                throw new IllegalArgumentException(step + ": false is not supported");
            }
        }
        if (config.path("resample").asInt(BICUBIC) != BICUBIC) {
            throw new IllegalArgumentException(
                    "resample is " + config.get("resample") + "; only " + BICUBIC + ", bicubic, is supported");
        }
        patch = positive(config, "patch_size");
        temporalPatch = positive(config, "temporal_patch_size");
        merge = positive(config, "merge_size");
        minPixels = bound(config, "min_pixels", "shortest_edge");
        maxPixels = bound(config, "max_pixels", "longest_edge");
        if (minPixels > maxPixels) {
            throw new IllegalArgumentException("min_pixels is above max_pixels");
        }
        double scale = config.path("rescale_factor").asDouble(1 / 255.0);
        for (int c = 0; c < 3; c++) {
            float mean = (float) channel(config, "image_mean", c);
            float deviation = (float) channel(config, "image_std", c);
            for (int value = 0; value < 256; value++) {
                normalised[c][value] = ((float) (value * scale) - mean) / deviation;
            }
        }
    }

    /**
     * The file of a model directory that describes its image processor: of the two names the one that transformers prefers.
     *
     * @throws ModelException when there is none
     */
    public static Path file(Path directory) {
        Path shared = directory.resolve(SHARED);
        Path own = directory.resolve(OWN);
        try {
            if (Files.isRegularFile(shared)
                    && JSON.readTree(shared.toFile()).path(NESTED).isObject()) {
                return shared;
            }
        } catch (IOException e) {
            throw new ModelException(shared + ": " + e.getMessage(), e);
        }
        if (!Files.isRegularFile(own)) {
            throw new ModelException(directory + ": lacks " + OWN + ", or " + SHARED + " with " + NESTED);
        }
        return own;
    }

    /** Reads the {@link #file} of a model directory. @throws ModelException naming the file and the key */
    public static ImageProcessor read(Path file) {
        try {
            JsonNode root = JSON.readTree(file.toFile());
            return new ImageProcessor(root.path(NESTED).isObject() ? root.get(NESTED) : root);
        } catch (IOException | IllegalArgumentException e) {
            throw new ModelException(file + ": " + e.getMessage(), e);
        }
    }

    private static int positive(JsonNode config, String key) {
        int value = config.path(key).asInt(0);
        if (value <= 0) {
            throw new IllegalArgumentException(key + " must be a positive whole number");
        }
        return value;
    }

    private static long bound(JsonNode config, String key, String edge) {
        JsonNode value =
                config.hasNonNull(key) ? config.get(key) : config.path("size").path(edge);
        if (!value.isNumber() || value.asLong() <= 0) {
            throw new IllegalArgumentException(key + ", or size." + edge + ", must be a positive whole number");
        }
        return value.asLong();
    }

    private static double channel(JsonNode config, String key, int c) {
        JsonNode value = config.path(key).path(c);
        if (!value.isNumber()) {
            throw new IllegalArgumentException(key + " must hold three numbers");
        }
        return value.asDouble();
    }

    /** Reads and processes a picture. @throws ModelException naming the file */
    public Pixels process(Path image, ImageSettings settings) {
        return process(ImageDecoder.read(image, settings).pixels(), image.toString());
    }

    /** Processes an image that was drawn in memory; errors call it by the name. */
    public Pixels process(BufferedImage image, String name) {
        return process(RgbImage.of(image), name);
    }

    private Pixels process(RgbImage bitmap, String name) {
        bitmap.requireAspect(name);
        int[] size = resized(bitmap.height(), bitmap.width());
        return patches(bitmap.resize(size[1], size[0]));
    }

    /** Patches of the largest image that it makes. */
    public int mostPatches() {
        return Math.toIntExact(maxPixels / ((long) patch * patch));
    }

    public int patch() {
        return patch;
    }

    public int temporalPatch() {
        return temporalPatch;
    }

    public int merge() {
        return merge;
    }

    /** Height and width as multiples of a merged patch, within the bounds, keeping the aspect (smart_resize). */
    private int[] resized(int height, int width) {
        double factor = patch * merge;
        double high = Math.max(factor, Math.rint(height / factor) * factor);
        double wide = Math.max(factor, Math.rint(width / factor) * factor);
        if (high * wide > maxPixels) {
            double shrink = Math.sqrt((double) height * width / maxPixels);
            high = Math.max(factor, Math.floor(height / shrink / factor) * factor);
            wide = Math.max(factor, Math.floor(width / shrink / factor) * factor);
        } else if (high * wide < minPixels) {
            double grow = Math.sqrt(minPixels / ((double) height * width));
            high = Math.ceil(height * grow / factor) * factor;
            wide = Math.ceil(width * grow / factor) * factor;
        }
        return new int[] {(int) high, (int) wide};
    }

    /** The still image fills every frame of its one temporal patch. */
    private Pixels patches(RgbImage bitmap) {
        int gridH = bitmap.height() / patch;
        int gridW = bitmap.width() / patch;
        float[] values = new float[gridH * gridW * 3 * temporalPatch * patch * patch];
        int at = 0;
        for (int p = 0; p < gridH * gridW; p++) {
            MergeOrder.Place place = MergeOrder.place(p, gridW, merge);
            for (int c = 0; c < 3; c++) {
                for (int t = 0; t < temporalPatch; t++) {
                    for (int y = 0; y < patch; y++) {
                        for (int x = 0; x < patch; x++) {
                            int value = bitmap.value(place.column() * patch + x, place.row() * patch + y, c);
                            values[at++] = normalised[c][value];
                        }
                    }
                }
            }
        }
        return new Pixels(values, 1, gridH, gridW);
    }
}
