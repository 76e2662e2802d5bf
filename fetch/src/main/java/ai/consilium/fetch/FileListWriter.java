package ai.consilium.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Writes the list of a directory that others are to fetch. */
public final class FileListWriter {
    private static final int BUFFER = 1 << 18;

    private final Supplier<MessageDigest> digests;

    /** @param digests make SHA-256 over much data */
    public FileListWriter(Supplier<MessageDigest> digests) {
        this.digests = digests;
    }

    /**
     * Lists every file below a directory; not those that are hidden or lie in hidden directories.
     *
     * @return how many
     * @throws FetchException naming a file that cannot be listed
     */
    public int write(Path directory) throws IOException {
        TreeMap<String, String> files = new TreeMap<>();
        List<Path> found;
        try (Stream<Path> all = Files.walk(directory)) {
            found = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : found) {
            String path = directory
                    .relativize(file)
                    .toString()
                    .replace(file.getFileSystem().getSeparator(), "/");
            if (!path.equals(FileList.NAME) && !path.matches("(.*/)?\\..*")) {
                files.put(path, sha256(file));
            }
        }
        FileList list = new FileList(files);
        // What could not be read is refused here, and not on every host.
        FileList.parse(directory.toString(), list.text().getBytes(StandardCharsets.UTF_8));
        Path to = directory.resolve(FileList.NAME);
        Path aside = directory.resolve("." + FileList.NAME + ".partial");
        Files.writeString(aside, list.text());
        Files.move(aside, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return files.size();
    }

    private String sha256(Path file) throws IOException {
        MessageDigest digest = digests.get();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
