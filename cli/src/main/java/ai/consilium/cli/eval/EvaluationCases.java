package ai.consilium.cli.eval;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cli.run.DataSet;
import ai.consilium.platform.UsageException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The cases that are asked.
 *
 * @param library over the directory that the files' names are relative to
 * @param files by name, in the order of the command line; none is empty
 */
public record EvaluationCases(CaseLibrary library, Map<String, CaseFile> files) {
    /**
     * Reads them whole.
     *
     * @param given files, relative to the data root if there is one
     * @param dataRoot null takes the nearest directory that holds all files
     * @throws UsageException naming a file that is missing, broken, empty, outside the data root or given twice
     */
    public static EvaluationCases read(List<Path> given, @Nullable Path dataRoot) {
        List<Path> paths = given.stream()
                .map(file -> (dataRoot == null ? file : dataRoot.resolve(file))
                        .toAbsolutePath()
                        .normalize())
                .toList();
        Path root = dataRoot == null ? common(paths) : dataRoot.toAbsolutePath().normalize();
        CaseLibrary library = library(dataRoot == null ? "--cases" : "--data-root", root);
        Map<String, CaseFile> files = new LinkedHashMap<>();
        for (Path path : paths) {
            if (!path.startsWith(root)) {
                throw new UsageException("--cases: " + path + " is outside --data-root " + root);
            }
            String name = root.relativize(path).toString();
            if (files.put(name, read(library, name, path)) != null) {
                throw new UsageException("--cases: " + path + " is given twice");
            }
        }
        return new EvaluationCases(library, files);
    }

    private static CaseLibrary library(String option, Path root) {
        try {
            return new CaseLibrary(root);
        } catch (CaseException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
    }

    private static CaseFile read(CaseLibrary library, String name, Path path) {
        try {
            CaseFile file = library.file(name);
            if (file.cases().isEmpty()) {
                throw new UsageException("--cases: " + path + " contains no cases");
            }
            return file;
        } catch (CaseException e) {
            // Most messages name the file without its directory; a person wants to open it.
            String message = String.valueOf(e.getMessage());
            throw new UsageException(
                    "--cases: " + (message.startsWith("/") ? message : path.resolveSibling(message)), e);
        }
    }

    private static Path common(List<Path> files) {
        Path common = parent(files.get(0));
        for (Path file : files) {
            while (!file.startsWith(common)) {
                common = parent(common);
            }
        }
        return common;
    }

    private static Path parent(Path path) {
        return Objects.requireNonNullElse(path.getParent(), path);
    }

    /** In the order of their first case. */
    List<String> specialties() {
        return files.values().stream()
                .flatMap(file -> file.cases().stream())
                .map(Case::specialty)
                .distinct()
                .toList();
    }

    /** Number of cases. */
    public int count() {
        return files.values().stream().mapToInt(file -> file.cases().size()).sum();
    }

    /** Whether the clinic made some of them. */
    public boolean simulated() {
        return files.values().stream().anyMatch(DataSet::fromClinic);
    }
}
