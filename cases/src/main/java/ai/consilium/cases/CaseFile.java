package ai.consilium.cases;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A JSONL file of cases, read whole and checked: broken lines, labels that are no option, missing images, doubled ids
 * are refused by file and line. Reading also accepts the real files of mmed-mini (no evidence, no traces).
 *
 * @param path the file
 * @param sha256 of its bytes, hex
 * @param cases in file order
 */
public record CaseFile(Path path, String sha256, List<Case> cases) {
    /** Reads and checks. @throws CaseException */
    public static CaseFile read(Path path) {
        throw new UnsupportedOperationException("stub");
    }

    /** Writes cases as JSONL (images are written by whoever makes them). */
    public static void write(Path path, List<Case> cases) {
        throw new UnsupportedOperationException("stub");
    }

    /** A case by id. */
    public Optional<Case> find(String id) {
        throw new UnsupportedOperationException("stub");
    }

    /** Absolute path of a case's image. */
    public Path image(String relative) {
        throw new UnsupportedOperationException("stub");
    }
}
