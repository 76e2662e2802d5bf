package ai.consilium.cases.check;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.format.CaseLine;
import ai.consilium.cases.format.GrowingCaseFile;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What became of the case files of a run that goes on: lines may be added to its training file, and nothing else may change. */
public sealed interface CaseGrowth {
    /**
     * There is nothing to take in.
     *
     * @param unfinished whether the last line has no end yet, so that it is left for later
     */
    record Same(boolean unfinished) implements CaseGrowth {}

    /**
     * Lines were added that can be used, all of them.
     *
     * @param edition of the training file with them, which the library has from now on
     * @param imagesSha256 of the pictures that its cases show
     * @param unfinished whether one more has no end yet, so that it is left for later
     */
    record Grown(CaseFile edition, String imagesSha256, boolean unfinished) implements CaseGrowth {}

    /**
     * A file has changed as it may not.
     *
     * @param problem names file and line
     */
    record Refused(String problem) implements CaseGrowth {}

    /**
     * Looks at the files as they are now.
     *
     * @param library that read them before
     * @param edition of the training file that the run draws on
     * @param specialties of the run
     */
    static CaseGrowth look(CaseLibrary library, CaseFile edition, Collection<String> specialties) {
        try {
            for (String heldOut : CaseLibrary.HELD_OUT) {
                GrowingCaseFile before = library.asRead(heldOut);
                GrowingCaseFile now = library.asItIs(heldOut);
                if (!now.sha256().equals(before.sha256())) {
                    int line = before.firstChange(now);
                    throw new CaseException(
                            line == 0
                                    ? heldOut + ": lines were added; held-out cases may not change while a run goes on"
                                    : changed(heldOut, line));
                }
            }
            return grown(library, library.asItIs(CaseLibrary.TRAINING_FILE), edition, specialties);
        } catch (CaseException refused) {
            return new Refused(String.valueOf(refused.getMessage()));
        }
    }

    private static CaseGrowth grown(
            CaseLibrary library, GrowingCaseFile now, CaseFile edition, Collection<String> specialties) {
        if (now.sha256().equals(edition.sha256())) {
            return new Same(false);
        }
        if (!now.has(edition.sha256())) {
            int line = library.asRead(CaseLibrary.TRAINING_FILE).firstChange(now);
            throw new CaseException(changed(CaseLibrary.TRAINING_FILE, Math.max(1, line)));
        }
        CaseFile grown = now.finished();
        if (grown.cases().size() <= edition.cases().size()) {
            return new Same(now.unfinished());
        }
        List<CaseLine> added = now.behind(edition.sha256());
        requireKnown(added, edition, specialties);
        requireNotHeldOut(library, added);
        CaseFile kept = library.edition(CaseLibrary.TRAINING_FILE, grown.sha256())
                .orElseThrow(() -> new CaseException(CaseLibrary.TRAINING_FILE + ": was changed while it was read"));
        return new Grown(kept, library.imagesSha256(kept), now.unfinished());
    }

    private static String changed(String file, int line) {
        return file + ":" + line + ": has changed or is gone; what a run has read may not change while it goes on";
    }

    private static void requireKnown(List<CaseLine> added, CaseFile edition, Collection<String> specialties) {
        Set<String> known = new HashSet<>(specialties);
        edition.cases().stream().map(Case::specialty).forEach(known::add);
        for (CaseLine line : added) {
            Case of = line.read();
            if (of != null && !known.contains(of.specialty())) {
                throw new CaseException(CaseFinding.of(
                                line,
                                "specialty: '" + of.specialty() + "' is none that the run or its file had; the run has "
                                        + String.join(", ", specialties))
                        .toString());
            }
        }
    }

    private static void requireNotHeldOut(CaseLibrary library, List<CaseLine> added) {
        SplitLeakage leakage = new SplitLeakage(library::imageSha256);
        leakage.next(library.asRead(CaseLibrary.TEST_FILE).lines());
        leakage.next(library.asRead(CaseLibrary.VALIDATION_FILE).lines());
        leakage.next(added).stream().findFirst().ifPresent(shared -> {
            throw new CaseException(shared.toString());
        });
    }
}
