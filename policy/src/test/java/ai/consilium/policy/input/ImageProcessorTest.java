package ai.consilium.policy.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.image.ImageSettings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ImageProcessorTest {
    private static final ImageSettings SETTINGS = ImageSettings.of(64_000_000);

    @TempDir
    Path directory;

    private ImageProcessor images;

    @BeforeEach
    void read() throws IOException {
        // patch 4, two frames, merge 2; mean 0.5 and deviation 0.25 make the values easy to follow.
        Path config = directory.resolve("preprocessor_config.json");
        Files.writeString(config, """
                {"patch_size": 4, "temporal_patch_size": 2, "merge_size": 2, "min_pixels": 64, "max_pixels": 1024,
                 "image_mean": [0.5, 0.5, 0.5], "image_std": [0.25, 0.25, 0.25]}
                """);
        images = ImageProcessor.read(config);
    }

    /** Red is the column, green the row, blue 255: a value tells where it came from. */
    private Path coordinates(int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, x << 16 | y << 8 | 255);
            }
        }
        Path file = directory.resolve("coordinates.png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private static float normalised(int value) {
        return (value / 255f - 0.5f) / 0.25f;
    }

    @Test
    void givenTheFormsOfTransformersWhenReadThenTheImageIsProcessedAlike() throws IOException {
        Path image = coordinates(24, 16);
        float[] expected = images.process(image, SETTINGS).patches();
        String common = """
                "patch_size": 4, "temporal_patch_size": 2, "merge_size": 2, "image_mean": [0.5, 0.5, 0.5],
                "image_std": [0.25, 0.25, 0.25], "do_resize": true, "resample": 3,
                "image_processor_type": "Qwen2VLImageProcessorFast",
                """;
        String edges = "\"size\": {\"shortest_edge\": 64, \"longest_edge\": 1024}";
        Path own = directory.resolve("preprocessor_config.json");
        Files.writeString(own, "{" + common + "\"min_pixels\": null, \"max_pixels\": null, " + edges + "}");
        assertThat(ImageProcessor.read(ImageProcessor.file(directory))
                        .process(image, SETTINGS)
                        .patches())
                .isEqualTo(expected);

        Path shared = directory.resolve("processor_config.json");
        Files.writeString(shared, "{\"processor_class\": \"Qwen2_5_VLProcessor\"}");
        assertThat(ImageProcessor.file(directory)).isEqualTo(own);

        Files.delete(own);
        Files.writeString(
                shared, "{\"image_processor\": {" + common + edges + "}, \"video_processor\": {\"size\": null}}");
        assertThat(ImageProcessor.read(ImageProcessor.file(directory))
                        .process(image, SETTINGS)
                        .patches())
                .isEqualTo(expected);
    }

    @Test
    void givenAProcessorThatDoesOtherwiseWhenReadThenItIsRefusedByName() throws IOException {
        Path own = directory.resolve("preprocessor_config.json");
        String written = Files.readString(own);
        for (String other : new String[] {"\"do_normalize\": false", "\"do_resize\": false", "\"resample\": 2"}) {
            Files.writeString(own, written.replaceFirst("\\{", "{" + other + ", "));
            assertThatThrownBy(() -> ImageProcessor.read(own))
                    .isInstanceOf(ModelException.class)
                    .hasMessageStartingWith(own + ": " + other.split("\"", -1)[1]);
        }
    }

    @Test
    void givenAnImageWhenProcessedThenMergeGroupsAreConsecutiveAndTheFrameIsDoubled() throws IOException {
        ImageProcessor.Pixels pixels = images.process(coordinates(24, 16), SETTINGS);

        assertThat(pixels.gridT()).isEqualTo(1);
        assertThat(pixels.gridH()).isEqualTo(4);
        assertThat(pixels.gridW()).isEqualTo(6);
        int patchValues = 3 * 2 * 4 * 4;
        assertThat(pixels.patches()).hasSize(24 * patchValues);
        // Patches 0..3 are the first group: (0,0) (0,1) (1,0) (1,1); patch 4 begins the group to its right.
        int[][] places = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 2}, {0, 3}, {1, 2}};
        for (int p = 0; p < places.length; p++) {
            for (int t = 0; t < 2; t++) {
                int y = 3;
                int x = 2;
                int within = t * 16 + y * 4 + x;
                float red = pixels.patches()[p * patchValues + within];
                float green = pixels.patches()[p * patchValues + 32 + within];
                assertThat(red).isCloseTo(normalised(places[p][1] * 4 + x), within(1e-6f));
                assertThat(green).isCloseTo(normalised(places[p][0] * 4 + y), within(1e-6f));
            }
        }
    }

    @Test
    void givenALargeImageWhenProcessedThenItShrinksToTheBoundKeepingItsAspect() throws IOException {
        ImageProcessor.Pixels pixels = images.process(coordinates(120, 60), SETTINGS);

        // 1024 pixels at 2 : 1 in multiples of 8: 40 x 16.
        assertThat(pixels.gridW() * 4).isEqualTo(40);
        assertThat(pixels.gridH() * 4).isEqualTo(16);
        // A ramp stays a ramp: red in the middle column of the middle row of patches is half of its largest value.
        float first = pixels.patches()[0];
        assertThat(first).isCloseTo(normalised(1), within(0.05f));
    }

    @Test
    void givenAGreyImageWhenProcessedThenItsValuesAreNotBrightened() throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 8; x++) {
                image.getRaster().setSample(x, y, 0, 100);
            }
        }
        Path file = directory.resolve("grey.png");
        ImageIO.write(image, "png", file.toFile());

        float[] values = images.process(file, SETTINGS).patches();

        assertThat(values).containsOnly(normalised(100));
    }

    @Test
    void givenNoImageWhenProcessedThenTheFileIsNamed() throws IOException {
        Path text = Files.writeString(directory.resolve("text.png"), "no image");

        assertThatThrownBy(() -> images.process(text, SETTINGS))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("text.png");
        assertThatThrownBy(() -> images.process(directory.resolve("absent.png"), SETTINGS))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("absent.png: no such image");
    }

    @Test
    void givenAHeaderOfAHundredMegapixelsWhenProcessedThenItIsRefusedBeforeDecoding() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(8 + 25 + 12);
        header.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10}).putInt(13);
        byte[] chunk = ByteBuffer.allocate(17)
                .put("IHDR".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .putInt(10_000)
                .putInt(10_000)
                .put(new byte[] {8, 2, 0, 0, 0})
                .array();
        CRC32 crc = new CRC32();
        crc.update(chunk);
        header.put(chunk)
                .putInt((int) crc.getValue())
                .putInt(0)
                .put("IDAT".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        Path file = Files.write(directory.resolve("huge.png"), header.array());

        assertThatThrownBy(() -> images.process(file, SETTINGS))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("huge.png")
                .hasMessageContaining("100000000 pixels; images.max_pixels");
    }
}
