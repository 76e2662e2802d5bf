package ai.consilium.policy;

import java.nio.file.Path;

/** preprocessor_config.json: smart resize, rescale, normalise, patches, as Qwen2VLImageProcessor does. Thread-safe. */
public final class ImageProcessor {
    /**
     * An image as the vision tower takes it.
     *
     * @param patches [gridT·gridH·gridW, channels·temporalPatch·patch·patch] row-major, merge groups consecutive
     * @param gridT frames / temporal patch size
     * @param gridH patches down
     * @param gridW patches across
     */
    public record Pixels(float[] patches, int gridT, int gridH, int gridW) {}

    /** Reads and processes a PNG or JPEG. @throws ModelException naming the file */
    public Pixels process(Path image) {
        throw new UnsupportedOperationException("stub");
    }
}
