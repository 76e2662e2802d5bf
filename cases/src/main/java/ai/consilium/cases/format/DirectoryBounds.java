package ai.consilium.cases.format;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Paths that a file names must stay in the file's directory, by their spelling and by the links that they pass. */
public final class DirectoryBounds {
    /** Where a file lies, absolute; the file system's root lies in itself. */
    public static Path of(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    /** A path below a directory, or null where it is absolute, leads out or is no path. */
    public static @Nullable Path inside(Path directory, String relative) {
        try {
            Path file = directory.resolve(relative).normalize();
            return Path.of(relative).isAbsolute() || !file.startsWith(directory) ? null : file;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** Whether a file that exists is still below the directory once every symbolic link is followed. */
    public static boolean linksOut(Path directory, Path file) {
        try {
            return !file.toRealPath().startsWith(directory.toRealPath());
        } catch (IOException e) {
            return true;
        }
    }

    private DirectoryBounds() {}
}
