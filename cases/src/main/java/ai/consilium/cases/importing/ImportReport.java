package ai.consilium.cases.importing;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * What an import did.
 *
 * @param source name of the source
 * @param licence as its publisher names it
 * @param rows that were read
 * @param cases number written, by file and specialty
 * @param pictures number of different ones that were written
 * @param leftOut number of rows that were left out, by reason
 */
public record ImportReport(
        String source,
        String licence,
        int rows,
        SortedMap<String, SortedMap<String, Integer>> cases,
        int pictures,
        SortedMap<String, Integer> leftOut) {
    /** All that were written. */
    public int written() {
        return cases.values().stream()
                .flatMap(file -> file.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** Lines for people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(source + ": " + rows + " rows, " + written() + " cases, " + pictures + " pictures");
        cases.forEach((file, counts) -> lines.add(file + ": "
                + counts.values().stream().mapToInt(Integer::intValue).sum() + " cases " + counts));
        leftOut.forEach((reason, count) -> lines.add("left out: " + count + ", " + reason));
        lines.add("licence: " + licence);
        return lines;
    }
}
