package ai.consilium.policy;

import java.nio.file.Path;

/** A Hugging Face model directory, checked: config, tokenizer, preprocessor and weights are there and fit together. */
public final class ModelDirectory {
    /** Opens and checks it. @throws ModelException naming the missing or wrong file */
    public static ModelDirectory open(Path directory) {
        throw new UnsupportedOperationException("stub");
    }

    /** Where it lies. */
    public Path path() {
        throw new UnsupportedOperationException("stub");
    }

    /** SHA-256 over its files: names the base that an adapter belongs to. */
    public String hash() {
        throw new UnsupportedOperationException("stub");
    }

    /** Patches on each side of the square that the vision tower merges into one token (spatial_merge_size). */
    public int mergeSize() {
        throw new UnsupportedOperationException("stub");
    }

    /** Its tokenizer. */
    public Tokenizer tokenizer() {
        throw new UnsupportedOperationException("stub");
    }

    /** Its image processor. */
    public ImageProcessor images() {
        throw new UnsupportedOperationException("stub");
    }
}
