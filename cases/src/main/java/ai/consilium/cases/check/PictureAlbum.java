package ai.consilium.cases.check;

import ai.consilium.cases.format.Case;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.codec.digest.DigestUtils;

/** Every picture of a directory, decoded once, whatever the number of cases that show it. */
final class PictureAlbum {
    private record Entry(String sha256, PictureLook look) {}

    private final Path directory;
    private final Map<String, Entry> entries;

    private PictureAlbum(Path directory, Map<String, Entry> entries) {
        this.directory = directory;
        this.entries = entries;
    }

    /** Looks at what the cases show, several at once. */
    static PictureAlbum of(
            Path directory, Collection<Case> cases, PictureLook.Decoder decoder, CaseCheck.Progress progress) {
        SortedSet<String> images = new TreeSet<>();
        cases.forEach(each -> images.addAll(each.images()));
        PictureAlbum album = new PictureAlbum(directory, new ConcurrentHashMap<>());
        AtomicInteger done = new AtomicInteger();
        images.parallelStream().forEach(image -> {
            album.entries.put(image, album.entry(image, decoder));
            progress.looked(done.incrementAndGet(), images.size());
        });
        return album;
    }

    private Entry entry(String image, PictureLook.Decoder decoder) {
        Path file = directory.resolve(image);
        try (InputStream in = Files.newInputStream(file)) {
            return new Entry(DigestUtils.sha256Hex(in), decoder.look(file));
        } catch (IOException e) {
            return new Entry("", new PictureLook("cannot be read: " + e.getMessage(), List.of()));
        }
    }

    PictureLook look(String image) {
        return Objects.requireNonNull(entries.get(image)).look();
    }

    /** SHA-256 of the file, hex; empty where it could not be read. */
    String sha256(String image) {
        return Objects.requireNonNull(entries.get(image)).sha256();
    }
}
