package ai.consilium.cases.dataset;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.cases.format.DirectoryBounds;
import ai.consilium.cases.format.GrowingCaseFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Case files under a data root, each read once and kept; records name cases by (file, hash, id). The hash may be that of what a
 * file was before lines were added to it, and where a file has grown since it was read, it is read again. Thread-safe.
 */
public final class CaseLibrary {
    /** Cases to train on. */
    public static final String TRAINING_FILE = "train.jsonl";

    /** Cases to choose by. */
    public static final String VALIDATION_FILE = "val.jsonl";

    /** Held-out cases. */
    public static final String TEST_FILE = "test.jsonl";

    /** What nothing is trained on. */
    public static final List<String> HELD_OUT = List.of(VALIDATION_FILE, TEST_FILE);

    /** What a data root holds. */
    public static final List<String> FILES = List.of(TRAINING_FILE, VALIDATION_FILE, TEST_FILE);

    private final Path dataRoot;
    private final Shelves shelves;
    private final RunCases ofRun;

    /** Over a directory. @throws CaseException when it is none */
    public CaseLibrary(Path dataRoot) {
        this(dataRoot.toAbsolutePath().normalize(), new Shelves(), RunCases.UNKNOWN);
        if (!Files.isDirectory(this.dataRoot)) {
            throw new CaseException(dataRoot + ": no such directory of cases");
        }
    }

    private CaseLibrary(Path dataRoot, Shelves shelves, RunCases ofRun) {
        this.dataRoot = dataRoot;
        this.shelves = shelves;
        this.ofRun = ofRun;
    }

    /** What was read, by name, and SHA-256 of pictures, by file. */
    private record Shelves(Map<String, Shelf> files, Map<Path, byte[]> pictures) {
        Shelves() {
            this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }
    }

    /** A file as it was read first and as it was read last, and what was taken of it. */
    private static final class Shelf {
        private final Path path;
        private final GrowingCaseFile first;
        private final Map<String, Edition> taken = new ConcurrentHashMap<>();
        private GrowingCaseFile last;

        /** What a file was at some time, and a reading that it is a beginning of. */
        private record Edition(CaseFile file, GrowingCaseFile in) {
            Optional<Case> find(String id) {
                return in.place(id).filter(place -> place < file.cases().size()).map(file.cases()::get);
            }
        }

        private Shelf(Path path) {
            this.path = path;
            this.first = GrowingCaseFile.read(path);
            this.last = first;
        }

        private CaseFile usable() {
            CaseFile usable = first.usable();
            return find(usable.sha256()).map(Edition::file).orElse(usable);
        }

        private CaseFile whole() {
            return find(first.sha256()).orElseThrow().file();
        }

        private Optional<Edition> find(String sha256) {
            Edition known = taken.get(sha256);
            return known == null ? search(sha256) : Optional.of(known);
        }

        private synchronized Optional<Edition> search(String sha256) {
            Optional<Edition> found = in(last, sha256).or(() -> in(first, sha256));
            if (found.isEmpty()) {
                GrowingCaseFile again = GrowingCaseFile.read(path);
                found = in(again, sha256);
                if (found.isPresent()) {
                    // What was taken before is a beginning of this too; two readings would hold every case twice.
                    last = again;
                    taken.clear();
                }
            }
            found.ifPresent(edition -> taken.put(sha256, edition));
            return found;
        }

        private static Optional<Edition> in(GrowingCaseFile reading, String sha256) {
            return reading.beginning(sha256).map(file -> new Edition(file, reading));
        }
    }

    /**
     * The same files, for a run that is known to have these. A record that names another file is then unusable itself; without
     * this knowledge, what a record names is taken for the run's.
     */
    public CaseLibrary ofRun(RunCases run) {
        return new CaseLibrary(dataRoot, shelves, run);
    }

    /** A whole file as it was read first, relative to the root. @throws CaseException */
    public CaseFile file(String relative) {
        return shelf(relative).whole();
    }

    /** As much of a file as can be used, as it was read first, relative to the root. @throws CaseException when it cannot be read */
    public CaseFile usable(String relative) {
        return shelf(relative).usable();
    }

    /** What was read of a file first, relative to the root; its lines are not refused yet. @throws CaseException */
    public GrowingCaseFile asRead(String relative) {
        return shelf(relative).first;
    }

    /** A file as it is now, relative to the root; it is not kept. @throws CaseException when it cannot be read */
    public GrowingCaseFile asItIs(String relative) {
        return GrowingCaseFile.read(shelf(relative).path);
    }

    /** What a file was at some time, relative to the root; empty where none of its beginnings has this SHA-256 (hex). */
    public Optional<CaseFile> edition(String relative, String sha256) {
        return shelf(relative).find(sha256).map(Shelf.Edition::file);
    }

    /** The training cases that a round of the run draws on. @throws CaseFileMismatchException when this host lacks them */
    public CaseFile training(int round) {
        return ofRun.training(round)
                .map(sha256 -> editionOfRun(TRAINING_FILE, sha256).file())
                .orElseGet(() -> file(TRAINING_FILE));
    }

    /**
     * A case that a record names.
     *
     * @throws CaseFileMismatchException when the run's file is missing here, or is another one here
     * @throws CaseException when the record names a file that is not the run's, or the file lacks the id
     */
    public Case resolve(String file, String sha256, String id) {
        if (DirectoryBounds.inside(dataRoot, file) == null) {
            throw outside(file);
        }
        ofRun.instead(file, sha256).ifPresent(own -> {
            throw new CaseException(file + ": the record names a file with SHA-256 " + sha256 + ", the run has " + own);
        });
        return editionOfRun(file, sha256)
                .find(id)
                .orElseThrow(() -> new CaseException(file + ": has no case '" + id + "'"));
    }

    private Shelf.Edition editionOfRun(String file, String sha256) {
        Optional<Shelf.Edition> edition;
        Shelf shelf;
        try {
            shelf = shelf(file);
            edition = shelf.find(sha256);
        } catch (CaseException e) {
            throw new CaseFileMismatchException(String.valueOf(e.getMessage()), e);
        }
        return edition.orElseThrow(() -> {
            String run = ofRun.told(sha256);
            GrowingCaseFile here = shelf.first;
            return new CaseFileMismatchException(shelf.path + " is not the run's file"
                    + (run.isEmpty()
                            ? ""
                            : ", which has " + run + "; this one has "
                                    + here.lines().size())
                    + ": its SHA-256 is " + here.sha256() + ", the run's is " + sha256);
        });
    }

    /** Images of a case, absolute. */
    public List<Path> images(String file, Case of) {
        Path from = path(file);
        return of.images().stream().map(image -> CaseFile.image(from, image)).toList();
    }

    /** {@link CaseFile#imagesSha256} of a file here; a picture is read once. @throws CaseException when one cannot be read */
    public String imagesSha256(CaseFile file) {
        return file.imagesSha256(this::picture);
    }

    /** SHA-256 (hex) of a picture, relative to the root. @throws CaseException when it cannot be read */
    public String imageSha256(String image) {
        return HexFormat.of().formatHex(picture(CaseFile.image(path(TRAINING_FILE), image)));
    }

    private byte[] picture(Path file) {
        return shelves.pictures().computeIfAbsent(file, CaseFile::digest);
    }

    private Path path(String relative) {
        Path path = DirectoryBounds.inside(dataRoot, relative);
        if (path == null) {
            throw outside(relative);
        }
        return path;
    }

    private Shelf shelf(String relative) {
        return shelves.files().computeIfAbsent(relative, name -> new Shelf(path(name)));
    }

    private static CaseException outside(String file) {
        return new CaseException("case file '" + file + "' is outside data_root");
    }
}
