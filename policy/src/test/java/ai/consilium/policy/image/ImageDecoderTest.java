package ai.consilium.policy.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.image.ImageSettings.Window;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the field
class ImageDecoderTest {
    private static final ImageSettings SETTINGS = ImageSettings.of(1_000_000);
    /** A JPEG of blocks of eight pixels keeps its corners. */
    private static final int WIDE = 32;

    private static final int HIGH = 16;

    @TempDir
    Path directory;

    /** A green left edge, a blue upper edge, red where they meet: which way it is up can be seen. */
    private static BufferedImage corner() {
        BufferedImage image = new BufferedImage(WIDE, HIGH, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < HIGH; y++) {
            for (int x = 0; x < WIDE; x++) {
                int red = x < 8 && y < 8 ? 255 : 0;
                image.setRGB(x, y, red << 16 | (x < 8 ? 200 : 0) << 8 | (y < 8 ? 200 : 0));
            }
        }
        return image;
    }

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private static Path shipped(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(ImageDecoderTest.class.getResource("/parity/pictures/" + name))
                .toURI());
    }

    /** A JPEG with an EXIF segment that holds nothing but the orientation. */
    private static byte[] jpegTurned(byte[] jpeg, int orientation) {
        byte[] exif = {
            (byte) 0xFF,
            (byte) 0xE1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            1,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0
        };
        byte[] all = new byte[jpeg.length + exif.length];
        System.arraycopy(jpeg, 0, all, 0, 2);
        System.arraycopy(exif, 0, all, 2, exif.length);
        System.arraycopy(jpeg, 2, all, 2 + exif.length, jpeg.length - 2);
        return all;
    }

    /** Which corner, as seen, is the upper left one of the picture as stored. */
    @ParameterizedTest
    @CsvSource({
        "1, left, top", "2, right, top", "3, right, bottom", "4, left, bottom",
        "5, left, top", "6, right, top", "7, right, bottom", "8, left, bottom",
    })
    void givenAnOrientationWhenReadThenThePictureIsUpright(int orientation, String side, String end)
            throws IOException {
        Path file = file("turned.jpg", jpegTurned(encoded(corner(), "jpg"), orientation));

        RgbImage image = ImageDecoder.read(file, SETTINGS).pixels();

        boolean exchanged = orientation >= 5;
        assertThat(image.width()).isEqualTo(exchanged ? HIGH : WIDE);
        assertThat(image.height()).isEqualTo(exchanged ? WIDE : HIGH);
        int x = side.equals("left") ? 3 : image.width() - 4;
        int y = end.equals("top") ? 3 : image.height() - 4;
        assertThat(image.value(x, y, 0)).isGreaterThan(200);
        // The stored row of the corner is green as far as it goes down, the stored column blue.
        assertThat(image.value(x, image.height() - 1 - y, exchanged ? 2 : 1)).isGreaterThan(150);
        assertThat(image.value(image.width() - 1 - x, y, exchanged ? 1 : 2)).isGreaterThan(150);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lossless", "lossy", "turned"})
    void givenAWebpWhenReadThenItIsWhatPillowSees(String name) throws Exception {
        RgbImage image = ImageDecoder.read(shipped(name + ".webp"), SETTINGS).pixels();

        RgbImage expected =
                ImageDecoder.read(shipped(name + "-seen.png"), SETTINGS).pixels();
        assertThat(image.width()).isEqualTo(expected.width());
        // Decoders of lossy WebP differ in how they bring colour to full size.
        int tolerance = name.equals("lossy") ? 12 : 0;
        for (int i = 0; i < expected.values().length; i++) {
            assertThat(Math.abs((image.values()[i] & 0xFF) - (expected.values()[i] & 0xFF)))
                    .isLessThanOrEqualTo(tolerance);
        }
    }

    @ParameterizedTest
    @CsvSource({"animated.webp, holds 2 pictures", "animated.gif, holds 2 pictures", "animated.png, is animated"})
    void givenSeveralPicturesWhenReadThenTheFirstIsShownAndThatIsSaid(String name, String note) throws Exception {
        DecodedImage image = ImageDecoder.read(shipped(name), SETTINGS);

        assertThat(image.notes()).singleElement().asString().startsWith(note);
        assertThat(image.pixels().value(1, 1, 0)).isLessThan(80);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.5, 2 / 3.0, 0.9, 0.99})
    void givenAFileThatIsCutOffWhenReadThenItIsRefused(double part) throws Exception {
        BufferedImage detailed = ImageIO.read(shipped("progressive.jpg").toFile());
        byte[][] whole = {
            encoded(detailed, "jpg"),
            encoded(detailed, "png"),
            encoded(detailed, "bmp"),
            Files.readAllBytes(shipped("progressive.jpg")),
            Files.readAllBytes(shipped("animated.gif")),
            Files.readAllBytes(shipped("lossless.webp")),
            Files.readAllBytes(shipped("lossy.webp"))
        };
        for (byte[] bytes : whole) {
            ImageDecoder.read(file("whole", bytes), SETTINGS);
            Path cut = file("cut", Arrays.copyOf(bytes, (int) (bytes.length * part)));
            // The first picture of an animation may be whole.
            if (ImageFormat.of(bytes) != ImageFormat.GIF || part <= 0.5) {
                assertThatThrownBy(() -> ImageDecoder.read(cut, SETTINGS))
                        .as("%s of a %s", part, ImageFormat.of(bytes))
                        .isInstanceOf(ModelException.class)
                        .hasMessageStartingWith(cut + ": ");
            }
        }
    }

    @Test
    void givenOtherFilesWhenReadThenEachIsRefusedByWhatItIs() throws Exception {
        byte[] dicom = new byte[200];
        System.arraycopy("DICM".getBytes(StandardCharsets.US_ASCII), 0, dicom, 128, 4);

        refused(file("film.png", dicom), "is a DICOM file; export it as a PNG");
        refused(file("empty.png", new byte[0]), "is empty");
        refused(file("zeros.png", new byte[400]), "is no picture that can be read");
        refused(file("page.png", "<html>not found</html>".getBytes(StandardCharsets.UTF_8)), "is no picture");
        refused(shipped("cmyk.jpg"), "has four colours (CMYK); save it as");
        refused(directory.resolve("absent.png"), "no such image");
    }

    private static void refused(Path file, String problem) {
        assertThatThrownBy(() -> ImageDecoder.read(file, SETTINGS))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(file + ": " + problem);
    }

    private static BufferedImage deep(int most) {
        BufferedImage image = new BufferedImage(WIDE, HIGH, BufferedImage.TYPE_USHORT_GRAY);
        for (int y = 0; y < HIGH; y++) {
            for (int x = 0; x < WIDE; x++) {
                image.getRaster().setSample(x, y, 0, most * x / (WIDE - 1));
            }
        }
        return image;
    }

    @Test
    void givenAFilmOf12BitsIn16WhenReadThenItIsRefusedUntilAWindowIsGiven() throws IOException {
        Path film = file("film.png", encoded(deep(4080), "png"));

        refused(film, "uses only the values 0 to 4080 of 0 to 65535");
        ImageSettings settings = new ImageSettings(1_000_000, Optional.of(new Window(1020, 3060)));
        RgbImage seen = ImageDecoder.read(film, settings).pixels();

        assertThat(seen.value(0, 0, 0)).isZero();
        assertThat(seen.value(WIDE - 1, 0, 1)).isEqualTo(255);
        assertThat(seen.value(WIDE / 2, 0, 2)).isBetween(125, 140);
    }

    @Test
    void givenAPictureOf16BitsThatUsesThemWhenReadThenItsUpperBytesAreShown() throws IOException {
        Path film = file("film.png", encoded(deep(65535), "png"));

        RgbImage seen = ImageDecoder.read(film, SETTINGS).pixels();

        assertThat(seen.value(WIDE - 1, 0, 0)).isEqualTo(255);
        assertThat(seen.value(10, 0, 0)).isEqualTo((65535 * 10 / 31) >> 8);
    }

    @Test
    void givenAWindowWhenAPictureOf8BitsIsReadThenItIsAsStored() throws IOException {
        Path picture = file("plain.png", encoded(corner(), "png"));
        ImageSettings settings = new ImageSettings(1_000_000, Optional.of(new Window(0, 4095)));

        assertThat(ImageDecoder.read(picture, settings).pixels().values())
                .isEqualTo(ImageDecoder.read(picture, SETTINGS).pixels().values());
    }

    @Test
    void givenAPictureForAnotherProgramThenItIsTheFileItselfOrAPngOfWhatIsSeen() throws Exception {
        Path plain = file("plain.png", encoded(corner(), "png"));
        Path turned = file("turned.jpg", jpegTurned(encoded(corner(), "jpg"), 6));

        assertThat(ImageDecoder.portable(plain, SETTINGS)).isEqualTo(Files.readAllBytes(plain));
        for (Path other : new Path[] {turned, shipped("turned.webp")}) {
            byte[] portable = ImageDecoder.portable(other, SETTINGS);
            BufferedImage png = ImageIO.read(new ByteArrayInputStream(portable));
            assertThat(ImageFormat.of(portable)).isEqualTo(ImageFormat.PNG);
            assertThat(RgbImage.of(png).values())
                    .isEqualTo(ImageDecoder.read(other, SETTINGS).pixels().values());
        }
    }
}
