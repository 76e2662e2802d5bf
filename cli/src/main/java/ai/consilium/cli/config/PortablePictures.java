package ai.consilium.cli.config;

import ai.consilium.platform.chat.ChatCall.Picture;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.image.ImageDecoder;
import ai.consilium.policy.image.ImageFormat;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.reward.scorer.PictureReader;
import java.io.IOException;
import java.nio.file.Path;

/** Shows models behind HTTP what the policy sees: upright, windowed, in a format that they know. */
public record PortablePictures(ImageSettings settings) implements PictureReader {
    @Override
    public Picture read(Path file) throws IOException {
        try {
            return decoded(file);
        } catch (ModelException unreadable) {
            throw new IOException(unreadable.getMessage(), unreadable);
        }
    }

    /** The same. @throws ModelException when it cannot be read */
    public Picture decoded(Path file) {
        byte[] bytes = ImageDecoder.portable(file, settings);
        return new Picture(ImageFormat.of(bytes) == ImageFormat.JPEG ? "image/jpeg" : "image/png", bytes);
    }
}
