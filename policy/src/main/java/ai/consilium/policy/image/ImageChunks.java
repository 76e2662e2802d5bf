package ai.consilium.policy.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The named chunks of PNG (PNG 3, 5.3) and WebP (RIFF) files. */
final class ImageChunks {
    private static final int PNG_FIRST = 8;
    private static final int RIFF_FIRST = 12;
    private static final int NAME = 4;
    private static final int CHECKSUM = 4;

    /** Whether a WebP file is as long as it says. */
    static boolean whole(byte[] bytes) {
        return bytes.length >= RIFF_FIRST
                && bytes.length - 2 * NAME
                        >= Integer.toUnsignedLong(ByteBuffer.wrap(bytes, NAME, NAME)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getInt());
    }

    /** What the first chunk of a name holds, in a file of one of these formats. */
    static Optional<byte[]> find(byte[] bytes, ImageFormat format, String name) {
        return switch (format) {
            case PNG -> png(bytes, name);
            case WEBP -> riff(bytes, name);
            default -> Optional.empty();
        };
    }

    private static Optional<byte[]> png(byte[] bytes, String name) {
        int at = PNG_FIRST;
        while (at + 2 * NAME <= bytes.length) {
            int length = ByteBuffer.wrap(bytes, at, NAME).getInt();
            int start = at + 2 * NAME;
            if (length < 0 || length > bytes.length - start) {
                return Optional.empty();
            }
            if (named(bytes, at + NAME, name)) {
                return Optional.of(Arrays.copyOfRange(bytes, start, start + length));
            }
            at = start + length + CHECKSUM;
        }
        return Optional.empty();
    }

    private static Optional<byte[]> riff(byte[] bytes, String name) {
        int at = RIFF_FIRST;
        while (at + 2 * NAME <= bytes.length) {
            int length = ByteBuffer.wrap(bytes, at + NAME, NAME)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getInt();
            int start = at + 2 * NAME;
            if (length < 0 || length > bytes.length - start) {
                return Optional.empty();
            }
            if (named(bytes, at, name)) {
                return Optional.of(Arrays.copyOfRange(bytes, start, start + length));
            }
            // Chunks begin at even places.
            at = start + length + length % 2;
        }
        return Optional.empty();
    }

    private static boolean named(byte[] bytes, int at, String name) {
        return name.equals(new String(bytes, at, NAME, StandardCharsets.ISO_8859_1));
    }

    private ImageChunks() {}
}
