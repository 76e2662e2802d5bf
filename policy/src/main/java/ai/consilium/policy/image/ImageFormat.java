package ai.consilium.policy.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a file is by its first bytes, whatever its name says. */
public enum ImageFormat {
    PNG("png"),
    JPEG("jpg"),
    WEBP("webp"),
    GIF("gif"),
    BMP("bmp"),
    TIFF("tif"),
    DICOM("dcm"),
    OTHER("bin");

    /** A DICOM file says what it is after as many bytes that mean nothing (PS3.10). */
    private static final int DICOM_PREAMBLE = 128;

    private static final byte[] PNG_START = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

    private final String extension;

    ImageFormat(String extension) {
        this.extension = extension;
    }

    /** The usual extension, without its dot. */
    public String extension() {
        return extension;
    }

    /** Of a file's bytes. */
    public static ImageFormat of(byte[] bytes) {
        if (has(bytes, 0, PNG_START)) {
            return PNG;
        }
        if (bytes.length > 2 && bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xD8 && bytes[2] == (byte) 0xFF) {
            return JPEG;
        }
        if (has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP")) {
            return WEBP;
        }
        if (has(bytes, 0, "GIF8")) {
            return GIF;
        }
        if (has(bytes, 0, "BM")) {
            return BMP;
        }
        if (has(bytes, 0, "II*\0") || has(bytes, 0, "MM\0*")) {
            return TIFF;
        }
        return has(bytes, DICOM_PREAMBLE, "DICM") ? DICOM : OTHER;
    }

    private static boolean has(byte[] bytes, int at, String text) {
        return has(bytes, at, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean has(byte[] bytes, int at, byte[] part) {
        return bytes.length >= at + part.length && Arrays.equals(bytes, at, at + part.length, part, 0, part.length);
    }
}
