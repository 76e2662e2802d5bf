package ai.consilium.cases.check;

import java.util.List;
import java.util.SortedMap;

/**
 * What is in a directory of cases.
 *
 * @param files that were read, in the order train, val, test
 * @param problems by file and line; a run would fail at them, or learn or measure what it should not
 * @param notes by file and line; what a person should know, and a run does not mind
 */
public record CaseReport(List<FileCount> files, List<CaseFinding> problems, List<CaseFinding> notes) {
    /**
     * One file.
     *
     * @param cases lines that hold a whole case
     * @param simulated whether the clinic made some of them
     * @param specialties number of cases by specialty
     */
    public record FileCount(String file, int cases, boolean simulated, SortedMap<String, Long> specialties) {}

    public CaseReport {
        files = List.copyOf(files);
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }
}
