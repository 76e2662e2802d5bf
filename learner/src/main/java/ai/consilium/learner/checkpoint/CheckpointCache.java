package ai.consilium.learner.checkpoint;

import ai.consilium.platform.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The files of the checkpoint that was last written or read, so that a learner which comes back to its disk need not fetch
 * them. A file that is damaged counts as missing; a loss of all loses nothing.
 */
final class CheckpointCache {
    private static final String SHA256 = ".sha256";

    private final Path directory;

    /** In a directory of its own, which is created by the first use. */
    CheckpointCache(Path directory) {
        this.directory = directory;
    }

    /** A file of a write. */
    Optional<byte[]> find(String write, String file) throws IOException {
        Path own = directory.resolve(write);
        try {
            byte[] content = Files.readAllBytes(own.resolve(file));
            String noted = Files.readString(own.resolve(file + SHA256));
            return Optional.of(content)
                    .filter(whole -> DigestUtils.sha256Hex(whole).equals(noted));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    /** Keeps the files of a write, and no others. */
    void keep(String write, Map<String, byte[]> files) throws IOException {
        clear();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            add(write, file.getKey(), file.getValue());
        }
    }

    /** Keeps a file of a write, and none of other writes. */
    void add(String write, String file, byte[] content) throws IOException {
        Path own = directory.resolve(write);
        if (!Files.isDirectory(own)) {
            clear();
            Files.createDirectories(own);
        }
        Files.writeString(own.resolve(file + SHA256), DigestUtils.sha256Hex(content));
        Path aside = own.resolve(file + ".part");
        Files.write(aside, content);
        Files.move(aside, own.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }

    /** Forgets everything. */
    void clear() {
        if (Files.isDirectory(directory)) {
            RunDirectory.delete(directory);
        }
    }
}
