package ai.consilium.reward.scorer;

import ai.consilium.platform.chat.ChatCall.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes of a case's image file what a model behind HTTP can be shown. */
@FunctionalInterface
public interface PictureReader {
    /** PNG and JPEG files byte for byte; others are refused. */
    PictureReader AS_THEY_ARE = file -> {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length > 3 && (bytes[0] & 0xFF) == 0x89 && bytes[1] == 'P') {
            return new Picture("image/png", bytes);
        }
        if (bytes.length > 3 && (bytes[0] & 0xFF) == 0xFF && (bytes[1] & 0xFF) == 0xD8) {
            return new Picture("image/jpeg", bytes);
        }
        throw new IOException(file + ": is no PNG or JPEG image");
    };

    /** @throws IOException saying which file cannot be shown, and why */
    Picture read(Path file) throws IOException;
}
