package ai.consilium.cases.dataset;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.cases.format.DirectoryBounds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Case files under a data root, each read once and kept; records name cases by (file, hash, id). Thread-safe. */
public final class CaseLibrary {
    /** Cases to train on. */
    public static final String TRAINING_FILE = "train.jsonl";

    /** Cases to choose by. */
    public static final String VALIDATION_FILE = "val.jsonl";

    /** Held-out cases. */
    public static final String TEST_FILE = "test.jsonl";

    /** What a data root holds. */
    public static final List<String> FILES = List.of(TRAINING_FILE, VALIDATION_FILE, TEST_FILE);

    private record Shelf(CaseFile file, Map<String, Case> byId) {
        static Shelf of(CaseFile file) {
            return new Shelf(file, file.cases().stream().collect(Collectors.toMap(Case::id, Function.identity())));
        }
    }

    private final Path dataRoot;
    private final Map<String, Shelf> shelves;
    /** SHA-256 of the run's files, where they are known. */
    private final Map<String, String> ofRun;

    /** Over a directory. @throws CaseException when it is none */
    public CaseLibrary(Path dataRoot) {
        this(dataRoot.toAbsolutePath().normalize(), new ConcurrentHashMap<>(), Map.of());
        if (!Files.isDirectory(this.dataRoot)) {
            throw new CaseException(dataRoot + ": no such directory of cases");
        }
    }

    private CaseLibrary(Path dataRoot, Map<String, Shelf> shelves, Map<String, String> ofRun) {
        this.dataRoot = dataRoot;
        this.shelves = shelves;
        this.ofRun = Map.copyOf(ofRun);
    }

    /**
     * The same files, for a run that is known to use these. A record that names another file is then unusable itself; without
     * this knowledge, what a record names is taken for the run's.
     *
     * @param sha256ByFile of the run's case files
     */
    public CaseLibrary ofRun(Map<String, String> sha256ByFile) {
        return new CaseLibrary(dataRoot, shelves, sha256ByFile);
    }

    /** A whole file, relative to the root. @throws CaseException */
    public CaseFile file(String relative) {
        return shelf(relative).file();
    }

    /**
     * A case that a record names.
     *
     * @throws CaseFileMismatchException when the run's file is missing here, or is another one here
     * @throws CaseException when the record names a file that is not the run's, or the file lacks the id
     */
    public Case resolve(String file, String sha256, String id) {
        Shelf shelf = shelfOfRun(file, sha256);
        Case found = shelf.byId().get(id);
        if (found == null) {
            throw new CaseException(file + ": has no case '" + id + "'");
        }
        return found;
    }

    /** Images of a case, absolute. */
    public List<Path> images(String file, Case of) {
        CaseFile from = file(file);
        return of.images().stream().map(from::image).toList();
    }

    private Shelf shelfOfRun(String file, String sha256) {
        String expected = ofRun.isEmpty() ? sha256 : ofRun.get(file);
        if (DirectoryBounds.inside(dataRoot, file) == null) {
            throw outside(file);
        }
        if (!sha256.equals(expected)) {
            throw new CaseException(file + ": the record names a file with SHA-256 " + sha256 + ", the run has "
                    + (expected == null ? "no such file" : expected));
        }
        Shelf shelf;
        try {
            shelf = shelf(file);
        } catch (CaseException e) {
            throw new CaseFileMismatchException(String.valueOf(e.getMessage()), e);
        }
        if (!shelf.file().sha256().equals(sha256)) {
            throw new CaseFileMismatchException(shelf.file().path() + " is not the run's file: its SHA-256 is "
                    + shelf.file().sha256() + ", the run's is " + sha256);
        }
        return shelf;
    }

    private Shelf shelf(String relative) {
        return shelves.computeIfAbsent(relative, name -> {
            Path path = DirectoryBounds.inside(dataRoot, name);
            if (path == null) {
                throw outside(name);
            }
            return Shelf.of(CaseFile.read(path));
        });
    }

    private static CaseException outside(String file) {
        return new CaseException("case file '" + file + "' is outside data_root");
    }
}
