package ai.consilium.monitor.samples;

/** Media type of images as models are shown them. */
public final class ImageType {
    private ImageType() {}

    /** A JPEG begins with FF D8; everything else that models are shown is a PNG. */
    public static String of(byte[] image) {
        boolean jpeg = image.length > 1 && (image[0] & 0xff) == 0xff && (image[1] & 0xff) == 0xd8;
        return jpeg ? "image/jpeg" : "image/png";
    }
}
