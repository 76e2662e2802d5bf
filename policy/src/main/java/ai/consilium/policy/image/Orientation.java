package ai.consilium.policy.image;

import com.twelvemonkeys.imageio.metadata.Directory;
import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEG;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEGSegment;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEGSegmentUtil;
import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** How a camera was held, as EXIF writes it from 1 (upright) to 8 (CIPA DC-008, tag 0112). */
final class Orientation {
    static final int UPRIGHT = 1;
    private static final int LAST = 8;
    private static final byte[] EXIF_START = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

    /** Of a file; upright where it says nothing, or nothing that can be read. */
    static int of(byte[] bytes, ImageFormat format) {
        try {
            Optional<byte[]> exif = exif(bytes, format);
            return exif.isPresent() ? orientation(exif.get()) : UPRIGHT;
        } catch (IOException | RuntimeException e) {
            // What cannot be read turns nothing, as with Pillow; the library throws what it likes at broken
            // directories.
            return UPRIGHT;
        }
    }

    /** The TIFF structure that holds the tags. */
    private static Optional<byte[]> exif(byte[] bytes, ImageFormat format) throws IOException {
        return switch (format) {
            case JPEG -> jpeg(bytes);
            case PNG -> ImageChunks.find(bytes, format, "eXIf");
            case WEBP -> ImageChunks.find(bytes, format, "EXIF").map(Orientation::withoutStart);
            case TIFF -> Optional.of(bytes);
            default -> Optional.empty();
        };
    }

    private static Optional<byte[]> jpeg(byte[] bytes) throws IOException {
        try (ImageInputStream in = stream(bytes)) {
            List<JPEGSegment> segments = JPEGSegmentUtil.readSegments(in, JPEG.APP1, "Exif");
            if (segments.isEmpty()) {
                return Optional.empty();
            }
            byte[] data = segments.get(0).data().readAllBytes();
            // A byte of padding follows the name.
            return Optional.of(Arrays.copyOfRange(data, 1, data.length));
        }
    }

    /** Some writers put into a WebP chunk what only a JPEG segment needs. */
    private static byte[] withoutStart(byte[] exif) {
        boolean started = exif.length > EXIF_START.length
                && Arrays.equals(exif, 0, EXIF_START.length, EXIF_START, 0, EXIF_START.length);
        return started ? Arrays.copyOfRange(exif, EXIF_START.length, exif.length) : exif;
    }

    private static int orientation(byte[] tiff) throws IOException {
        try (ImageInputStream in = stream(tiff)) {
            Directory tags = new TIFFReader().read(in);
            Entry entry = tags.getEntryById(TIFF.TAG_ORIENTATION);
            boolean known = entry != null
                    && entry.getValue() instanceof Number number
                    && number.intValue() >= UPRIGHT
                    && number.intValue() <= LAST;
            return known ? ((Number) entry.getValue()).intValue() : UPRIGHT;
        }
    }

    private static ImageInputStream stream(byte[] bytes) {
        return new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes));
    }

    private Orientation() {}
}
