package ai.consilium.inference.prompt;

import ai.consilium.policy.input.ImageProcessor.Pixels;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Processed images by path, the least recently used ones dropped beyond a size: a group shows its image many times. */
final class PixelCache {
    private final long capacityBytes;
    private final Function<Path, Pixels> process;
    private final Map<Path, Pixels> kept = new LinkedHashMap<>(16, .75f, true);
    private long bytes;

    PixelCache(long capacityBytes, Function<Path, Pixels> process) {
        this.capacityBytes = capacityBytes;
        this.process = process;
    }

    /** An image; two threads that ask at once may both process it, which costs time and nothing else. */
    Pixels get(Path image) {
        synchronized (kept) {
            Pixels found = kept.get(image);
            if (found != null) {
                return found;
            }
        }
        Pixels made = process.apply(image);
        synchronized (kept) {
            Pixels earlier = kept.putIfAbsent(image, made);
            if (earlier != null) {
                return earlier;
            }
            bytes += bytesOf(made);
            dropOldest(image);
        }
        return made;
    }

    private void dropOldest(Path keep) {
        Iterator<Map.Entry<Path, Pixels>> oldestFirst = kept.entrySet().iterator();
        while (bytes > capacityBytes && oldestFirst.hasNext()) {
            Map.Entry<Path, Pixels> oldest = oldestFirst.next();
            if (!oldest.getKey().equals(keep)) {
                bytes -= bytesOf(oldest.getValue());
                oldestFirst.remove();
            }
        }
    }

    private static long bytesOf(Pixels pixels) {
        return (long) pixels.patches().length * Float.BYTES;
    }
}
