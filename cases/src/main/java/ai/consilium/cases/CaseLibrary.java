package ai.consilium.cases;

import java.nio.file.Path;
import java.util.List;

/** Case files under a data root, each read once and kept; records name cases by (file, hash, id). Thread-safe. */
public final class CaseLibrary {
    /** Over a directory. */
    public CaseLibrary(Path dataRoot) {
        throw new UnsupportedOperationException("stub");
    }

    /** A whole file, relative to the root. @throws CaseException */
    public CaseFile file(String relative) {
        throw new UnsupportedOperationException("stub");
    }

    /** A case. @throws CaseException when the file is not the one that the hash names, or lacks the id */
    public Case resolve(String file, String sha256, String id) {
        throw new UnsupportedOperationException("stub");
    }

    /** Images of a case, absolute. */
    public List<Path> images(String file, Case of) {
        throw new UnsupportedOperationException("stub");
    }
}
