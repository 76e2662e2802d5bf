package ai.consilium.cases.importing;

import ai.consilium.cases.importing.source.SourceImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;

/** Pictures of an imported directory, named by their content: the same picture is kept once. */
final class PictureStore {
    private static final String FOLDER = "images";
    /** Hex digits of a name: enough for as many pictures as there are. */
    private static final int DIGITS = 20;

    private final Path directory;
    private final Map<String, String> pathBySha256 = new HashMap<>();

    PictureStore(Path directory) {
        this.directory = directory;
    }

    /** Keeps a picture. @return its path relative to the directory, which names its content */
    String keep(SourceImage image) throws IOException {
        byte[] bytes = image.bytes();
        String sha256 = DigestUtils.sha256Hex(bytes);
        String known = pathBySha256.get(sha256);
        if (known != null) {
            return known;
        }
        String path = FOLDER + "/" + sha256.substring(0, DIGITS) + "."
                + image.extension().toLowerCase(Locale.ROOT);
        Files.createDirectories(directory.resolve(FOLDER));
        Files.write(directory.resolve(path), bytes);
        pathBySha256.put(sha256, path);
        return path;
    }

    /** Removes what no case shows. @param shown paths that stay @return how many stay */
    int prune(Set<String> shown) throws IOException {
        for (String path : pathBySha256.values()) {
            if (!shown.contains(path)) {
                Files.delete(directory.resolve(path));
            }
        }
        return shown.size();
    }
}
