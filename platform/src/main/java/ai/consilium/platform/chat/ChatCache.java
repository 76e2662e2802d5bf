package ai.consilium.platform.chat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Optional;

/**
 * Replies by the hash of what was asked, a file each, which appears once it is whole: whoever asks again after a kill is
 * answered from here. Thread-safe; processes may share a directory.
 */
public final class ChatCache {
    /** Hex digits that name a folder: a file system does not like a million files in one. */
    private static final int FOLDER_DIGITS = 2;

    private final Path directory;

    /** In a directory, which is made when it is needed. */
    public ChatCache(Path directory) {
        this.directory = directory;
    }

    Optional<String> find(String sha256) {
        try {
            return Optional.of(Files.readString(file(sha256)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void keep(String sha256, String reply) {
        Path file = file(sha256);
        try {
            Path folder = Files.createDirectories(Objects.requireNonNull(file.getParent()));
            Path aside = Files.createTempFile(folder, sha256, ".part");
            Files.write(aside, reply.getBytes(StandardCharsets.UTF_8));
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(String sha256) {
        return directory.resolve(sha256.substring(0, FOLDER_DIGITS)).resolve(sha256 + ".json");
    }
}
