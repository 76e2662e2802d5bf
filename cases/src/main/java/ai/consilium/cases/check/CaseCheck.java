package ai.consilium.cases.check;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseLine;
import ai.consilium.cases.prompt.PromptLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Checks train.jsonl, val.jsonl and test.jsonl of a directory, line by line, with their pictures, and against each other. */
public final class CaseCheck {
    private final Path directory;
    private final Map<String, List<CaseLine>> lines = new LinkedHashMap<>();
    private final List<CaseFinding> problems = new ArrayList<>();
    private final List<CaseFinding> notes = new ArrayList<>();

    /** Hears how far it is. */
    @FunctionalInterface
    public interface Progress {
        /** @param pictures that were decoded @param of as many; from several threads */
        void looked(int pictures, int of);
    }

    private CaseCheck(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads and checks everything.
     *
     * @param layout of the traces that a run would imitate
     * @throws CaseException when there is no such directory
     */
    public static CaseCheck of(Path directory, PromptLayout layout, PictureLook.Decoder decoder, Progress progress) {
        if (!Files.isDirectory(directory)) {
            throw new CaseException(directory + ": no such directory of cases");
        }
        CaseCheck check = new CaseCheck(directory);
        CaseLibrary.FILES.forEach(check::read);
        check.each(layout);
        check.together(PictureAlbum.of(directory, check.cases(), decoder, progress));
        return check;
    }

    private void read(String file) {
        try {
            lines.put(file, CaseFile.lines(directory.resolve(file)));
        } catch (CaseException e) {
            problems.add(new CaseFinding(
                    file, 0, null, Files.exists(directory.resolve(file)) ? "cannot be read" : "no such case file"));
        }
    }

    private List<Case> cases() {
        return lines.values().stream()
                .flatMap(List::stream)
                .map(CaseLine::read)
                .filter(Objects::nonNull)
                .toList();
    }

    private void each(PromptLayout layout) {
        for (List<CaseLine> file : lines.values()) {
            for (CaseLine line : file) {
                line.problems().forEach(problem -> problems.add(CaseFinding.of(line, problem)));
                Case of = line.read();
                if (of != null) {
                    TraceCheck.problems(of, layout).forEach(problem -> problems.add(CaseFinding.of(line, problem)));
                    TraceCheck.notes(of, layout).forEach(note -> notes.add(CaseFinding.of(line, note)));
                    OptionLetters.notes(of).forEach(note -> notes.add(CaseFinding.of(line, note)));
                }
            }
        }
    }

    private void together(PictureAlbum album) {
        Set<String> told = new HashSet<>();
        for (List<CaseLine> file : lines.values()) {
            for (CaseLine line : file) {
                Case of = line.read();
                for (String image : of == null ? List.<String>of() : of.images()) {
                    PictureLook look = album.look(image);
                    if (look.problem() != null) {
                        problems.add(CaseFinding.of(line, "images: '" + image + "' " + look.problem()));
                    }
                    if (told.add(image)) {
                        look.notes()
                                .forEach(note -> notes.add(CaseFinding.of(line, "images: '" + image + "' " + note)));
                    }
                }
            }
        }
        SplitLeakage leakage = new SplitLeakage(album::sha256);
        List<List<CaseLine>> heldOutFirst = new ArrayList<>(lines.values());
        Collections.reverse(heldOutFirst);
        heldOutFirst.forEach(file -> problems.addAll(leakage.next(file)));
    }

    /** What was found. */
    public CaseReport report() {
        Comparator<CaseFinding> order = Comparator.<CaseFinding>comparingInt(
                        finding -> CaseLibrary.FILES.indexOf(finding.file()))
                .thenComparingInt(CaseFinding::line);
        return new CaseReport(
                lines.entrySet().stream()
                        .map(file -> count(file.getKey(), file.getValue()))
                        .toList(),
                problems.stream().sorted(order).toList(),
                notes.stream().sorted(order).toList());
    }

    private static CaseReport.FileCount count(String file, List<CaseLine> lines) {
        List<Case> cases =
                lines.stream().map(CaseLine::read).filter(Objects::nonNull).toList();
        SortedMap<String, Long> specialties =
                cases.stream().collect(Collectors.groupingBy(Case::specialty, TreeMap::new, Collectors.counting()));
        return new CaseReport.FileCount(
                file,
                cases.size(),
                cases.stream().anyMatch(each -> each.source().equals(Clinic.SOURCE)),
                specialties);
    }

    /** Copies what is clean. @param out new or empty @return how many cases were left out */
    public int copyClean(Path out) {
        return new CleanCopy(directory, out).write(lines, problems);
    }
}
