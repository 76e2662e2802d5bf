package ai.consilium.benchmarks;

import ai.consilium.benchmarks.model.PublishedShape;
import ai.consilium.platform.UsageException;

/**
 * What {@code --shape} and {@code --layers} ask for.
 *
 * @param layers of the decoder
 */
record ShapeChoice(PublishedShape shape, int layers) {
    /**
     * By the options.
     *
     * @param layers 0: all
     * @throws UsageException naming the option that is wrong
     */
    static ShapeChoice of(String label, int layers) {
        PublishedShape shape = PublishedShape.labelled(label);
        if (shape == null) {
            throw new UsageException("--shape must be 3b or 7b, not '" + label + "'");
        }
        if (layers < 0 || layers > shape.layers()) {
            throw new UsageException("--layers must be at most " + shape.layers());
        }
        return new ShapeChoice(shape, layers == 0 ? shape.layers() : layers);
    }
}
