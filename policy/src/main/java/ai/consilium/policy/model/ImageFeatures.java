package ai.consilium.policy.model;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import ai.consilium.policy.input.ImageProcessor.Pixels;
import ai.consilium.policy.input.VisionGrid;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * What a model's own vision tower, which nothing trains, saw in images: kept by their content within a bound of bytes, the least
 * recently used leave first. Sampling, training and evaluation share it. Each image is seen alone, so that its features have
 * the same bits whatever else was asked for, and when. Thread-safe.
 */
public final class ImageFeatures implements AutoCloseable {
    private static final int HASHED_AT_ONCE = 1 << 14;

    private final PolicyModel model;
    private final long capacityBytes;
    private final Map<String, Entry> kept = new LinkedHashMap<>(16, 0.75f, true);
    /** Reading all values takes longer than looking them up. Two are equal when they have the same array. */
    private final Map<Pixels, String> hashes = Collections.synchronizedMap(new WeakHashMap<>());

    private long bytes;

    private record Entry(Scope scope, Tensor features, long bytes) {}

    ImageFeatures(PolicyModel model, long capacityBytes) {
        this.model = model;
        this.capacityBytes = capacityBytes;
    }

    /**
     * Features of an image, computed when they are not there.
     *
     * @param scope owner of the result
     * @return [merged patches, hidden] of the model's type; not to be written to
     */
    public Tensor of(Pixels image, Scope scope) {
        String hash = hash(image);
        Tensor found = find(hash, scope);
        return found == null ? keep(hash, see(image), scope) : found;
    }

    private Entry see(Pixels image) {
        Scope own = Scope.open();
        try (Scope step = Scope.open()) {
            Tensor features =
                    own.adopt(model.vision().see(model.weights().vision(), VisionGrid.of(image), List.of(image), step));
            return new Entry(own, features, features.size() * model.precision().bytes());
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    private synchronized @Nullable Tensor find(String hash, Scope scope) {
        Entry entry = kept.get(hash);
        return entry == null ? null : held(entry, scope);
    }

    /** Another thread may have been faster; both saw the same. */
    private synchronized Tensor keep(String hash, Entry entry, Scope scope) {
        Tensor features = held(entry, scope);
        if (entry.bytes() > capacityBytes || kept.putIfAbsent(hash, entry) != null) {
            entry.scope().close();
            return features;
        }
        bytes += entry.bytes();
        Iterator<Entry> oldest = kept.values().iterator();
        while (bytes > capacityBytes) {
            Entry leaving = oldest.next();
            oldest.remove();
            bytes -= leaving.bytes();
            leaving.scope().close();
        }
        return features;
    }

    /** Whoever holds it may go on when it leaves. */
    private Tensor held(Entry entry, Scope scope) {
        return model.script().call(scope, "held", entry.features()).get(0);
    }

    private String hash(Pixels image) {
        String known = hashes.get(image);
        if (known == null) {
            known = contentHash(image);
            hashes.put(image, known);
        }
        return known;
    }

    private static String contentHash(Pixels image) {
        MessageDigest digest = DigestUtils.getSha256Digest();
        ByteBuffer buffer = ByteBuffer.allocate(HASHED_AT_ONCE * Float.BYTES).order(LITTLE_ENDIAN);
        digest.update(buffer.putInt(image.gridT())
                .putInt(image.gridH())
                .putInt(image.gridW())
                .flip());
        float[] values = image.patches();
        for (int from = 0; from < values.length; from += HASHED_AT_ONCE) {
            int length = Math.min(HASHED_AT_ONCE, values.length - from);
            buffer.clear().asFloatBuffer().put(values, from, length);
            digest.update(buffer.limit(length * Float.BYTES));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Bytes that are kept. */
    public synchronized long bytes() {
        return bytes;
    }

    @Override
    public synchronized void close() {
        kept.values().forEach(entry -> entry.scope().close());
        kept.clear();
        bytes = 0;
    }
}
