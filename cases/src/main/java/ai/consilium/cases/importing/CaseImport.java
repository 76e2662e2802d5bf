package ai.consilium.cases.importing;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseLine;
import ai.consilium.cases.format.CaseReader;
import ai.consilium.cases.format.LeftOut;
import ai.consilium.cases.format.QuestionKey;
import ai.consilium.cases.importing.source.CaseSource;
import ai.consilium.cases.importing.source.Draft;
import ai.consilium.cases.importing.source.RowOutcome;
import ai.consilium.cases.importing.source.SourceImage;
import ai.consilium.cases.importing.source.SourceRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Reads a source into a directory of cases. Rows that are no questions with options are left out and counted; a malformed row
 * is refused with its file and line, or left out too where that was asked for.
 */
public final class CaseImport {
    /** More problems than these say no more. */
    private static final int MOST_PROBLEMS = 20;

    private final CaseSource source;
    private final Settings settings;
    private final Path directory;
    private final PictureStore pictures;
    private final CaseReader reader;
    private final List<Taken> cases = new ArrayList<>();
    private final SplitGroups groups = new SplitGroups();
    private final List<LeftOut> leftOut = new ArrayList<>();
    private final SortedMap<String, Integer> reasons = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private int rows;

    /**
     * What is wanted.
     *
     * @param specialties which word means which
     * @param shares of the splits
     * @param sourceName what the cases give as their source
     * @param skipBad whether malformed rows are left out rather than refused
     */
    public record Settings(Specialties specialties, SplitShares shares, String sourceName, boolean skipBad) {}

    /**
     * A case and where it came from; not its row, which may hold whole pictures.
     *
     * @param split the publisher's own, or empty
     */
    private record Taken(Case made, String file, int line, String split) {}

    private CaseImport(CaseSource source, Settings settings, Path directory) {
        this.source = source;
        this.settings = settings;
        this.directory = directory;
        this.pictures = new PictureStore(directory);
        this.reader = new CaseReader(directory.resolve(CaseLibrary.TRAINING_FILE));
    }

    /**
     * Imports.
     *
     * @param from file or directory of the source
     * @param out becomes the directory of cases when all of it is there; absent or empty before
     * @throws CaseException with every malformed row, a line each; then nothing is written
     */
    public static ImportReport run(CaseSource source, Path from, Path out, Settings settings) {
        Path absolute = out.toAbsolutePath().normalize();
        Path part = absolute.resolveSibling(absolute.getFileName() + ".part");
        try {
            delete(part);
            Files.createDirectories(part);
            try {
                ImportReport report = new CaseImport(source, settings, part).read(from);
                Files.deleteIfExists(absolute);
                Files.move(part, absolute);
                return report;
            } finally {
                delete(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ImportReport read(Path from) throws IOException {
        source.read(from, this::take);
        if (!problems.isEmpty()) {
            int more = problems.size() - MOST_PROBLEMS;
            List<String> lines = new ArrayList<>(problems.subList(0, Math.min(MOST_PROBLEMS, problems.size())));
            if (more > 0) {
                lines.add("and " + more + " more");
            }
            lines.add("nothing was written; --skip-bad leaves such rows out");
            throw new CaseException(String.join("\n", lines));
        }
        return write();
    }

    private void take(SourceRow row, Function<SourceRow, RowOutcome> as) {
        rows++;
        try {
            RowOutcome outcome = as.apply(row);
            if (outcome instanceof RowOutcome.Omission omission) {
                omit(row, omission.reason(), List.of(omission.reason()));
            } else if (outcome instanceof RowOutcome.Question question) {
                accept(row, question.draft(), question.split());
            }
        } catch (CaseException e) {
            refuse(row, List.of(String.valueOf(e.getMessage())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(SourceRow row, Draft draft, String split) throws IOException {
        if (draft.options().size() < 2) {
            omit(row, "fewer than two options", List.of("fewer than two options"));
            return;
        }
        String specialty = settings.specialties().named(draft.specialty()).orElse("");
        if (specialty.isEmpty()) {
            String reason = draft.specialty().isEmpty()
                    ? "no specialty (--specialty names one for all)"
                    : "specialty '" + draft.specialty() + "' is not in the map";
            omit(row, reason, List.of(reason));
            return;
        }
        List<String> images = new ArrayList<>();
        for (SourceImage image : draft.images()) {
            images.add(pictures.keep(image));
        }
        Case made = new Case(
                source.name() + "-" + draft.id(),
                specialty,
                modality(draft),
                images,
                draft.question(),
                new TreeMap<>(draft.options()),
                draft.label(),
                draft.context(),
                null,
                draft.traces(),
                settings.sourceName());
        CaseLine line = reader.line(row.line(), CaseFile.json(made));
        if (line.problems().isEmpty()) {
            cases.add(new Taken(made, row.file(), row.line(), split));
            groups.add(made.id(), shared(made, draft.patient()));
        } else {
            refuse(row, line.problems());
        }
    }

    private static String modality(Draft draft) {
        if (!draft.modality().isEmpty()) {
            return draft.modality();
        }
        return draft.images().isEmpty() ? "text" : "image";
    }

    /** What no two splits may share. Pictures are named by their content. */
    private static List<String> shared(Case of, String patient) {
        List<String> shared = new ArrayList<>();
        if (!patient.isEmpty()) {
            shared.add("patient " + patient);
        }
        of.images().forEach(image -> shared.add("image " + image));
        QuestionKey.of(of).ifPresent(text -> shared.add("text " + text));
        return shared;
    }

    private void omit(SourceRow row, String kind, List<String> why) {
        omit(row.file(), row.line(), kind, why);
    }

    private void omit(String file, int line, String kind, List<String> why) {
        reasons.merge(kind, 1, Integer::sum);
        leftOut.add(new LeftOut(file, line, null, why));
    }

    private void refuse(SourceRow row, List<String> why) {
        if (settings.skipBad()) {
            omit(row, "malformed", why);
        } else {
            why.forEach(problem -> problems.add(row.file() + ":" + row.line() + ": " + problem));
        }
    }

    private ImportReport write() throws IOException {
        SortedMap<String, List<Case>> files = new TreeMap<>();
        CaseLibrary.FILES.forEach(file -> files.put(file, new ArrayList<>()));
        SortedMap<String, String> own = ownFiles();
        for (int i = 0; i < cases.size(); i++) {
            Taken taken = cases.get(i);
            String file = own.getOrDefault(groups.name(i), settings.shares().file(groups.name(i)));
            List<Case> shelf = Objects.requireNonNull(files.get(file));
            if (taken.split().isEmpty() || file.startsWith(taken.split())) {
                shelf.add(taken.made());
            } else {
                String reason = "is also in " + file + " of the source";
                omit(taken.file(), taken.line(), reason, List.of(reason));
            }
        }
        SortedMap<String, SortedMap<String, Integer>> counts = new TreeMap<>();
        Set<String> shown = new TreeSet<>();
        files.forEach((file, of) -> {
            CaseFile.write(directory.resolve(file), of);
            SortedMap<String, Integer> bySpecialty = new TreeMap<>();
            of.forEach(each -> {
                bySpecialty.merge(each.specialty(), 1, Integer::sum);
                shown.addAll(each.images());
            });
            counts.put(file, bySpecialty);
        });
        LeftOut.write(directory, leftOut);
        return new ImportReport(source.name(), source.licence(), rows, counts, pictures.prune(shown), reasons);
    }

    /** The files of the groups that the publisher has split: of a group in two, the one that is held out longest. */
    private SortedMap<String, String> ownFiles() {
        SortedMap<String, String> own = new TreeMap<>();
        for (int i = 0; i < cases.size(); i++) {
            String split = cases.get(i).split();
            if (!split.isEmpty()) {
                own.merge(
                        groups.name(i),
                        split + ".jsonl",
                        (a, b) -> CaseLibrary.FILES.indexOf(a) > CaseLibrary.FILES.indexOf(b) ? a : b);
            }
        }
        return own;
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var inside = Files.walk(directory)) {
                for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
