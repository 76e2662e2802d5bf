package ai.consilium.inference.prompt;

import ai.consilium.policy.input.ImageProcessor.Pixels;
import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import com.google.common.util.concurrent.UncheckedExecutionException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Processed images by path, bounded by their bytes. A group asks for its image once per perspective and then seldom again:
 * so the least recently used image is dropped (Guava), not the least frequently used one (Caffeine), which kept images that
 * fill the cache out of it and processed them up to six times as often.
 */
final class PixelCache {
    private final LoadingCache<Path, Pixels> kept;

    PixelCache(long capacityBytes, Function<Path, Pixels> process) {
        kept = CacheBuilder.newBuilder()
                // Segments would divide the capacity among them.
                .concurrencyLevel(1)
                .maximumWeight(capacityBytes)
                // An image that is larger than the cache still serves its group, alone.
                .weigher((Path image, Pixels pixels) -> (int) Math.min(bytes(pixels), capacityBytes))
                .build(CacheLoader.from(process::apply));
    }

    /** An image; a second thread that asks for it waits for the first. @throws RuntimeException that processing it threw */
    Pixels get(Path image) {
        try {
            return kept.getUnchecked(image);
        } catch (UncheckedExecutionException e) {
            throw e.getCause() instanceof RuntimeException own ? own : e;
        }
    }

    private static long bytes(Pixels pixels) {
        return (long) pixels.patches().length * Float.BYTES;
    }
}
