package ai.consilium.policy.input;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.QwenConfig;
import java.util.Iterator;

/**
 * Positions of a prompt's tokens in time, height and width (M-RoPE, 2409.12191): text counts up in all three; an image's
 * tokens share one time and take their row and column; what follows goes on after the largest.
 *
 * @param axes [3][tokens]
 * @param next position of the token after the prompt
 */
public record PromptPositions(long[][] axes, long next) {

    /** @throws ModelException when image tokens and images do not fit together */
    public static PromptPositions of(EncodedPrompt prompt, QwenConfig config) {
        int[] tokens = prompt.tokens();
        long[][] axes = new long[3][tokens.length];
        Iterator<ImageProcessor.Pixels> images = prompt.images().iterator();
        int merge = config.vision().merge();
        long next = 0;
        int at = 0;
        while (at < tokens.length) {
            if (tokens[at] != config.imageToken()) {
                for (long[] axis : axes) {
                    axis[at] = next;
                }
                next++;
                at++;
                continue;
            }
            if (!images.hasNext()) {
                throw new ModelException("prompt has more image tokens than its images have patches");
            }
            ImageProcessor.Pixels image = images.next();
            int rows = image.gridH() / merge;
            int columns = image.gridW() / merge;
            for (int i = 0; i < image.gridT() * rows * columns; i++, at++) {
                if (at == tokens.length || tokens[at] != config.imageToken()) {
                    throw new ModelException("prompt has fewer image tokens than its images have merged patches");
                }
                axes[0][at] = next;
                axes[1][at] = next + i / columns % rows;
                axes[2][at] = next + i % columns;
            }
            next += Math.max(rows, columns);
        }
        if (images.hasNext()) {
            throw new ModelException("prompt has more images than image tokens");
        }
        return new PromptPositions(axes, next);
    }
}
