package ai.consilium.monitor.report;

import ai.consilium.monitor.samples.ImageType;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import javax.imageio.ImageIO;

/** An image of a case, small enough for a page that contains it. */
final class ReportPicture {
    /** A picture of so many bytes is taken as it is. */
    static final int MOST_BYTES = 32 << 10;

    /** Of the longer side of one that was larger. */
    private static final int PIXELS = 192;

    private ReportPicture() {}

    /**
     * As a data URL.
     *
     * @param bytes PNG or JPEG
     * @return empty for what Java cannot decode
     */
    static Optional<String> url(byte[] bytes) {
        if (bytes.length <= MOST_BYTES) {
            return Optional.of(url(bytes, ImageType.of(bytes)));
        }
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes));
            return image == null ? Optional.empty() : Optional.of(url(write(smaller(image)), "image/jpeg"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static BufferedImage smaller(BufferedImage image) {
        double factor = Math.min(1.0, (double) PIXELS / Math.max(image.getWidth(), image.getHeight()));
        int width = Math.max(1, (int) Math.round(factor * image.getWidth()));
        int height = Math.max(1, (int) Math.round(factor * image.getHeight()));
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = small.createGraphics();
        canvas.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        canvas.drawImage(image, 0, 0, width, height, Color.WHITE, null);
        canvas.dispose();
        return small;
    }

    private static byte[] write(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", out);
        return out.toByteArray();
    }

    private static String url(byte[] bytes, String type) {
        return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
    }
}
