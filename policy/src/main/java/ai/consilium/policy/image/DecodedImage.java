package ai.consilium.policy.image;

import java.util.List;

/**
 * A picture as a model is shown it.
 *
 * @param pixels upright
 * @param notes what a person should know of the file although it can be used, for example that it holds more pictures
 */
public record DecodedImage(RgbImage pixels, List<String> notes) {
    public DecodedImage {
        notes = List.copyOf(notes);
    }
}
