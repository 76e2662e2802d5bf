package ai.consilium.cases.format;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Cases that tests share. */
public final class SampleCases {
    /** A lesion with three options, the second right; no evidence, no traces. */
    public static final Case LESION = new Case(
            "isic-1",
            "oncology_surgery",
            "dermoscopy",
            List.of("images/isic-1.jpg"),
            "Which lesion does this dermoscopic image show?",
            new TreeMap<>(Map.of("A", "melanocytic nevus", "B", "melanoma", "C", "seborrheic keratosis")),
            "B",
            Map.of("age", "40"),
            null,
            Map.of(),
            "ISIC-2017");

    /** A question with options of its own; nothing else about it matters. */
    public static Case asking(Map<String, String> options, String label) {
        return new Case(
                "chosen-1",
                "adult_medicine",
                "chest x-ray",
                List.of("a.png"),
                "Which?",
                new TreeMap<>(options),
                label,
                Map.of(),
                null,
                Map.of(),
                "test");
    }

    private SampleCases() {}
}
