package ai.consilium.policy.model;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.format.FastSha256;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SHA-256 over files of a directory: over the name and the bytes of each, in name order. Reading the weights of a large model
 * takes minutes, so what was read is remembered: in the directory, or, where that may not be written, below the user's cache
 * directory ({@code $XDG_CACHE_HOME}, or {@code ~/.cache}). The remembered hash holds as long as size, times of modification and
 * change, and inode of every file are the same.
 */
final class DirectoryHash {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryHash.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** In the directory. */
    static final String REMEMBERED = ".consilium-sha256.json";
    /** Fewer bytes are read again sooner than remembered. */
    private static final long LARGE = 64L << 20;

    private static final int BUFFER = 1 << 20;
    /** A file that was written this shortly before could be written again at the same time by its clock. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private static final String SHA256 = "sha256";
    private static final String FILES = "files";

    private final Path directory;
    private final SortedSet<String> files;
    private final List<Path> places;
    private final long large;

    /**
     * @param places where the hash may be remembered, the first that can be written
     * @param large bytes of all files from which on it is
     */
    DirectoryHash(Path directory, SortedSet<String> files, List<Path> places, long large) {
        this.directory = directory;
        this.files = files;
        this.places = places;
        this.large = large;
    }

    /** The hash (hex). @throws ModelException naming the directory */
    static String of(Path directory, SortedSet<String> files) {
        String cache = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        Path user = cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        String key =
                DigestUtils.sha256Hex(directory.toAbsolutePath().normalize().toString());
        List<Path> places = List.of(directory.resolve(REMEMBERED), user.resolve("consilium/sha256/" + key + ".json"));
        return new DirectoryHash(directory, files, places, LARGE).value();
    }

    String value() {
        try {
            ArrayNode before = JSON.createArrayNode();
            long bytes = 0;
            FileTime newest = FileTime.fromMillis(0);
            for (String file : files) {
                Map<String, Object> attributes =
                        Files.readAttributes(directory.resolve(file), "unix:size,lastModifiedTime,ctime,ino");
                before.add(described(file, attributes));
                bytes += ((Number) attributes.getOrDefault("size", 0)).longValue();
                FileTime modified = (FileTime) attributes.getOrDefault("lastModifiedTime", newest);
                newest = newest.compareTo(modified) < 0 ? modified : newest;
            }
            if (bytes < large) {
                return read(DigestUtils.getSha256Digest());
            }
            for (Path place : places) {
                String known = remembered(place, before);
                if (!known.isEmpty()) {
                    return known;
                }
            }
            boolean settled = newest.toInstant().isBefore(Instant.now().minus(SETTLED));
            LOG.info("{}: hashing {} MB, once", directory, bytes >> 20);
            String hash = read(FastSha256.digest());
            if (settled) {
                remember(before, hash);
            }
            return hash;
        } catch (IOException e) {
            throw new ModelException(directory + ": " + e.getMessage(), e);
        }
    }

    private static ObjectNode described(String file, Map<String, Object> attributes) {
        ObjectNode node = JSON.createObjectNode().put("name", file);
        attributes.forEach((key, value) -> node.put(key, value.toString()));
        return node;
    }

    private String read(MessageDigest digest) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (String file : files) {
            digest.update(file.getBytes(StandardCharsets.UTF_8));
            try (InputStream in = Files.newInputStream(directory.resolve(file))) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    digest.update(buffer, 0, read);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Empty when there is none that holds; whatever is wrong with a cache, the files say the same. */
    private static String remembered(Path place, ArrayNode files) {
        try {
            JsonNode root = Files.isRegularFile(place) ? JSON.readTree(place.toFile()) : JSON.createObjectNode();
            return root.path(FILES).equals(files) ? root.path(SHA256).asText("") : "";
        } catch (IOException e) {
            LOG.debug("{}: not read", place, e);
            return "";
        }
    }

    private void remember(ArrayNode described, String hash) {
        ObjectNode root = JSON.createObjectNode().put(SHA256, hash);
        root.set(FILES, described);
        for (Path place : places) {
            try {
                Path parent = place.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                // Written aside, so that a process that starts beside this one never reads half of it.
                Path aside = Path.of(place + "." + ProcessHandle.current().pid() + ".partial");
                Files.writeString(aside, root.toPrettyString() + "\n");
                Files.move(aside, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return;
            } catch (IOException e) {
                LOG.debug("{}: not written", place, e);
            }
        }
    }
}
