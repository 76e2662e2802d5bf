package ai.consilium.cases.dataset;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Case files under a data root, each read once and kept; records name cases by (file, hash, id). Thread-safe. */
public final class CaseLibrary {
    private record Shelf(CaseFile file, Map<String, Case> byId) {
        static Shelf of(CaseFile file) {
            return new Shelf(file, file.cases().stream().collect(Collectors.toMap(Case::id, Function.identity())));
        }
    }

    private final Path dataRoot;
    private final Map<String, Shelf> shelves = new ConcurrentHashMap<>();

    /** Over a directory. @throws CaseException when it is none */
    public CaseLibrary(Path dataRoot) {
        this.dataRoot = dataRoot.toAbsolutePath().normalize();
        if (!Files.isDirectory(this.dataRoot)) {
            throw new CaseException(dataRoot + ": no such directory of cases");
        }
    }

    /** A whole file, relative to the root. @throws CaseException */
    public CaseFile file(String relative) {
        return shelf(relative).file();
    }

    /** A case. @throws CaseException when the file is not the one that the hash names, or lacks the id */
    public Case resolve(String file, String sha256, String id) {
        Shelf shelf = shelf(file);
        if (!shelf.file().sha256().equals(sha256)) {
            throw new CaseException(file + ": is not the file that the record names: its SHA-256 is "
                    + shelf.file().sha256() + ", the record's " + sha256);
        }
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

    private Shelf shelf(String relative) {
        return shelves.computeIfAbsent(relative, name -> {
            Path path = CaseReader.inside(dataRoot, name);
            if (path == null) {
                throw new CaseException("case file '" + name + "' is outside data_root");
            }
            return Shelf.of(CaseFile.read(path));
        });
    }
}
