package ai.consilium.inference.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.input.ImageProcessor.Pixels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PixelCacheTest {
    private static final int IMAGE_BYTES = 100 * Float.BYTES;

    private final List<String> processed = new ArrayList<>();

    @Test
    void givenRoomForTwoWhenAThirdImageComesThenTheLeastRecentlyUsedIsDropped() {
        PixelCache cache = new PixelCache(2 * IMAGE_BYTES, this::process);

        cache.get(Path.of("a"));
        cache.get(Path.of("b"));
        cache.get(Path.of("a"));
        cache.get(Path.of("c"));
        cache.get(Path.of("a"));
        cache.get(Path.of("b"));

        assertThat(processed).containsExactly("a", "b", "c", "b");
    }

    @Test
    void givenAnImageLargerThanTheCacheWhenAskedAgainThenItIsStillServed() {
        PixelCache cache = new PixelCache(1, this::process);

        assertThat(cache.get(Path.of("a"))).isSameAs(cache.get(Path.of("a")));
        cache.get(Path.of("b"));
        cache.get(Path.of("a"));

        assertThat(processed).containsExactly("a", "b", "a");
    }

    @Test
    void givenAnImageThatCannotBeUsedWhenAskedForThenItsOwnErrorIsThrown() {
        PixelCache cache = new PixelCache(1, image -> {
            throw new ModelException(image + ": not an image");
        });

        assertThatThrownBy(() -> cache.get(Path.of("a")))
                .isInstanceOf(ModelException.class)
                .hasMessage("a: not an image");
    }

    private Pixels process(Path path) {
        processed.add(path.toString());
        return new Pixels(new float[100], 1, 10, 10);
    }
}
