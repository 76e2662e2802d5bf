package ai.consilium.tests;

import ai.consilium.monitor.samples.CaseView;
import ai.consilium.schemas.CaseRef;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;

/** Cases whose one image is a file, whose prompt is hostile, and whose tokens are characters. */
record HostileCases(Path image) implements CaseView {
    static final String MARKUP = "<img src=x onerror=\"window.harmed=1\"><script>window.harmed=1</script></script><!--";
    static final String ESCAPES = "\u001b[31m\u202eevil\u0007";
    static final int WIDTH = 7;

    /** With an image in a directory. */
    static HostileCases in(Path directory) throws IOException {
        Path image = directory.resolve("image.png");
        ImageIO.write(new BufferedImage(WIDTH, 5, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
        return new HostileCases(image);
    }

    /** A case whose names are hostile too. */
    static CaseRef ref() {
        return new CaseRef("../../etc/passwd", "00", MARKUP + ESCAPES);
    }

    @Override
    public Shown show(CaseRef of, Set<String> perspectives) {
        return new Shown(
                Map.of("analytical", new Asked("<|image_pad|> what is it? " + MARKUP, "shown")),
                List.of(new Image(MARKUP, "cafe", image)),
                null);
    }

    @Override
    public Optional<List<String>> pieces(List<Integer> tokens) {
        return Optional.of(tokens.stream().map(Character::toString).toList());
    }

    @Override
    public byte[] picture(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
