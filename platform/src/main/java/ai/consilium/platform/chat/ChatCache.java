package ai.consilium.platform.chat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Replies by the hash of what was asked, a file each, which appears once it is whole: whoever asks again after a kill is
 * answered from here. Where there is a bound, the replies that were not wanted for the longest time go first. Thread-safe;
 * processes may share a directory, of which each holds the bound for what it sees at its start and adds.
 */
public final class ChatCache {
    /** Hex digits that name a folder: a file system does not like a million files in one. */
    private static final int FOLDER_DIGITS = 2;

    private static final String REPLY = ".json";
    /** How full it is after something had to go. */
    private static final double KEPT = 0.8;

    private record Kept(Path file, long bytes, FileTime wanted) {}

    private final Path directory;
    private final long mostBytes;
    /** Of all replies; negative: not known yet. */
    private long bytes = -1;

    /** In a directory, which is made when it is needed; without a bound. */
    public ChatCache(Path directory) {
        this(directory, Long.MAX_VALUE);
    }

    /** In a directory, which is made when it is needed. */
    public ChatCache(Path directory, long mostBytes) {
        this.directory = directory;
        this.mostBytes = mostBytes;
    }

    /** Makes its directory. @throws IOException when nothing could be kept there */
    public void requireWritable() throws IOException {
        Files.createDirectories(directory);
        Files.delete(Files.createTempFile(directory, "writable", ".part"));
    }

    Optional<String> find(String sha256) {
        Path file = file(sha256);
        try {
            String reply = Files.readString(file);
            if (mostBytes < Long.MAX_VALUE) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
            }
            return Optional.of(reply);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void keep(String sha256, String reply) {
        Path file = file(sha256);
        byte[] content = reply.getBytes(StandardCharsets.UTF_8);
        try {
            Path folder = Files.createDirectories(Objects.requireNonNull(file.getParent()));
            Path aside = Files.createTempFile(folder, sha256, ".part");
            Files.write(aside, content);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            if (mostBytes < Long.MAX_VALUE) {
                hold(content.length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void hold(long added) throws IOException {
        if (bytes >= 0 && bytes + added <= mostBytes) {
            bytes += added;
            return;
        }
        List<Kept> all = all();
        bytes = all.stream().mapToLong(Kept::bytes).sum();
        if (bytes <= mostBytes) {
            return;
        }
        all.sort(Comparator.comparing(Kept::wanted));
        for (Kept oldest : all) {
            if (bytes <= KEPT * mostBytes) {
                return;
            }
            Files.deleteIfExists(oldest.file());
            bytes -= oldest.bytes();
        }
    }

    private List<Kept> all() throws IOException {
        List<Kept> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory, FOLDER_DIGITS)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.toString().endsWith(REPLY)) {
                    look(file).ifPresent(all::add);
                }
            }
        }
        return all;
    }

    private static Optional<Kept> look(Path file) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new Kept(file, found.size(), found.lastModifiedTime()));
        } catch (NoSuchFileException gone) {
            // Another process needed the room.
            return Optional.empty();
        }
    }

    private Path file(String sha256) {
        return directory.resolve(sha256.substring(0, FOLDER_DIGITS)).resolve(sha256 + REPLY);
    }
}
