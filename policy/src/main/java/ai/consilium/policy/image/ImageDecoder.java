package ai.consilium.policy.image;

import ai.consilium.policy.ModelException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Reads pictures: PNG, JPEG, WebP, and what else Java reads (GIF, BMP, TIFF), each by what it is, not by its name. */
public final class ImageDecoder {
    /** Four samples of 16 bits, not compressed. */
    private static final int MOST_BYTES_A_PIXEL = 8;

    private static final int HEADER_BYTES = 1 << 20;
    /** Where a PNG's header tells the bits of a sample. */
    private static final int PNG_DEPTH = 24;

    /** JPEG files from cameras often have a few bytes between segments that mean nothing. */
    private static final String HARMLESS = "extraneous bytes";

    /**
     * Decodes a picture; grey becomes RGB, what is transparent shows white, EXIF's orientation is applied. Of several pictures
     * in a file the first is shown.
     *
     * @throws ModelException naming the file, when there is none or it holds no such picture, or not all of it
     * @throws UncheckedIOException when it cannot be read now, which says nothing of what it holds
     */
    public static DecodedImage read(Path file, ImageSettings settings) {
        byte[] bytes = bytes(file, settings.maxPixels());
        ImageFormat format = ImageFormat.of(bytes);
        refuseOthers(file, bytes, format);
        if (format == ImageFormat.WEBP && !ImageChunks.whole(bytes)) {
            throw new ModelException(file + ": is damaged or cut off: it is shorter than its header says");
        }
        try (ImageInputStream in = new FiniteInput(bytes)) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new ModelException(file + ": a " + format + " file that Java cannot read; save it as a PNG");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                requireSize(file, reader, settings.maxPixels());
                RgbImage stored = RgbImage.of(image(file, reader, format), settings.window(), file.toString());
                return new DecodedImage(stored.turned(Orientation.of(bytes, format)), notes(reader, bytes, format));
            } finally {
                reader.dispose();
            }
        } catch (ModelException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Decoders meet damage with whatever comes: an index, a missing value, a negative size.
            String problem = e.getMessage() == null ? "it ends too early" : e.getMessage();
            throw new ModelException(file + ": is damaged or cut off: " + problem, e);
        }
    }

    /**
     * A picture for other programs, which may know neither orientation nor window nor format: the file itself where every decoder
     * finds the same in it, else a PNG of what {@link #read} gives.
     *
     * @throws ModelException as when reading
     */
    public static byte[] portable(Path file, ImageSettings settings) {
        byte[] bytes = bytes(file, settings.maxPixels());
        ImageFormat format = ImageFormat.of(bytes);
        boolean plain = format == ImageFormat.JPEG
                || format == ImageFormat.PNG && bytes.length > PNG_DEPTH && bytes[PNG_DEPTH] <= 8;
        if (plain && Orientation.of(bytes, format) == Orientation.UPRIGHT) {
            return bytes;
        }
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(read(file, settings).pixels().buffered(), "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refuseOthers(Path file, byte[] bytes, ImageFormat format) {
        if (bytes.length == 0) {
            throw new ModelException(file + ": is empty");
        }
        if (format == ImageFormat.DICOM) {
            throw new ModelException(file
                    + ": is a DICOM file; export it as a PNG with the window that a reader would choose, from the viewer"
                    + " or with dcmj2pnm (DCMTK) or pydicom");
        }
        if (format == ImageFormat.OTHER) {
            throw new ModelException(file + ": is no picture that can be read (PNG, JPEG, WebP, GIF, BMP, TIFF)");
        }
    }

    private static void requireSize(Path file, ImageReader reader, long mostPixels) throws IOException {
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > mostPixels) {
            throw new ModelException(file + ": " + pixels + " pixels; images.max_pixels allows at most " + mostPixels);
        }
    }

    /** Readers fill what a file lacks with grey and warn: half a film looks like a film. */
    private static BufferedImage image(Path file, ImageReader reader, ImageFormat format) throws IOException {
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((from, warning) -> warnings.add(warning));
        BufferedImage image;
        try {
            image = reader.read(0);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("Unsupported Image Type")) {
                throw fourColours(file);
            }
            throw e;
        }
        if (format == ImageFormat.JPEG && image.getRaster().getNumBands() > 3) {
            throw fourColours(file);
        }
        for (String warning : warnings) {
            if (damage(warning)) {
                throw new ModelException(file + ": is damaged or cut off: " + warning);
            }
        }
        return image;
    }

    /** Readers disagree on which end of such a colour is white. */
    private static ModelException fourColours(Path file) {
        return new ModelException(file + ": has four colours (CMYK); save it as an RGB PNG or JPEG");
    }

    private static boolean damage(String warning) {
        return (warning.contains("Corrupt") && !warning.contains(HARMLESS))
                || warning.contains("Premature")
                || warning.contains("Truncated")
                || warning.contains("nexpected end");
    }

    private static List<String> notes(ImageReader reader, byte[] bytes, ImageFormat format) throws IOException {
        int pictures = format == ImageFormat.PNG || format == ImageFormat.JPEG ? 1 : reader.getNumImages(true);
        if (pictures > 1) {
            return List.of("holds " + pictures + " pictures; the first is shown");
        }
        return ImageChunks.find(bytes, format, "acTL").isPresent()
                ? List.of("is animated; the first picture is shown")
                : List.of();
    }

    private static byte[] bytes(Path file, long mostPixels) {
        if (!Files.isRegularFile(file)) {
            throw new ModelException(file + ": no such image");
        }
        try {
            long size = Files.size(file);
            if (size > mostPixels * MOST_BYTES_A_PIXEL + HEADER_BYTES) {
                throw new ModelException(
                        file + ": " + size + " bytes are more than a picture of images.max_pixels can have");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private ImageDecoder() {}
}
