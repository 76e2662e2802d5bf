package ai.consilium.cases.check;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseLine;
import ai.consilium.cases.format.GrowingCaseFile;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The held-out files of a run that gets a specialty more: behind the cases that the run has, cases of that specialty may have come, and
 * of no other, so that whoever was measured on the others is measured on the same as before.
 */
public final class HeldOutGrowth {
    private HeldOutGrowth() {}

    /**
     * What a run has of a held-out file, which may have grown since.
     *
     * @param file one of the two, relative to the root
     * @param sha256 (hex) of what the run has
     * @param added specialties that are added to the run
     * @return the beginning that the run has; empty where the file does not begin with it
     * @throws CaseException when a line behind it has no end, cannot be used, is of another specialty, or stands in another file too
     */
    public static Optional<CaseFile> ofRun(CaseLibrary library, String file, String sha256, Collection<String> added) {
        GrowingCaseFile here = library.asRead(file);
        if (!here.has(sha256)) {
            return Optional.empty();
        }
        if (here.unfinished()) {
            throw new CaseException(file + ": its last line has no end: somebody may be writing it");
        }
        // Whoever takes all of it uses every line.
        library.file(file);
        List<CaseLine> behind = here.behind(sha256);
        for (CaseLine line : behind) {
            Case of = line.read();
            if (of != null && !added.contains(of.specialty())) {
                throw refused(CaseFinding.of(
                        line,
                        "specialty: '" + of.specialty()
                                + "' is none that is added to the run; held-out cases of others may not"
                                + " change while a run goes on"));
            }
        }
        requireNowhereElse(library, file, behind);
        return library.edition(file, sha256);
    }

    private static void requireNowhereElse(CaseLibrary library, String file, List<CaseLine> added) {
        SplitLeakage leakage = new SplitLeakage(library::imageSha256);
        CaseLibrary.FILES.stream()
                .filter(other -> !other.equals(file))
                .forEach(other -> leakage.next(library.asRead(other).lines()));
        leakage.next(added).stream().findFirst().ifPresent(shared -> {
            throw refused(shared);
        });
    }

    private static CaseException refused(CaseFinding finding) {
        return new CaseException(finding.toString());
    }
}
