package ai.consilium.platform.examination;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Names of the figures that tell how a version was examined, in events, steps and metrics.jsonl. */
public final class ExaminationFigures {
    /** Share of the validation cases that the version answers right; followed by a perspective, of those asked under it. */
    private static final String ACCURACY = "val/accuracy";
    /** How many they were. */
    private static final String CASES = "val/cases";

    private ExaminationFigures() {}

    /** Accuracies of one version, by name; of perspectives under which no answer was judged, none. */
    public static SortedMap<String, Double> accuracies(Map<String, Examinations.Mark> marks) {
        SortedMap<String, Double> figures = new TreeMap<>();
        marks.forEach((perspective, mark) -> {
            if (mark.examined() > 0) {
                figures.put(
                        perspective.equals(ExaminedGroup.UNGUIDED) ? ACCURACY : ACCURACY + "/" + perspective,
                        mark.accuracy());
            }
        });
        return figures;
    }

    /** Accuracies of one version, by name, and on how many cases without a guideline; empty where none of these was judged. */
    public static SortedMap<String, Double> all(Map<String, Examinations.Mark> marks) {
        Examinations.Mark unguided = marks.get(ExaminedGroup.UNGUIDED);
        if (unguided == null || unguided.examined() == 0) {
            return new TreeMap<>();
        }
        SortedMap<String, Double> figures = accuracies(marks);
        figures.put(CASES, (double) unguided.examined());
        return figures;
    }
}
