package ai.consilium.cases.importing.source;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A row as a case, as far as the row tells.
 *
 * @param id unique in its set
 * @param specialty the set's own word for it, or empty
 * @param modality the set's own word for it, or empty
 * @param images in the order in which they are shown
 * @param question without the options, if the set repeats them there
 * @param options text by letter
 * @param label letter of the right one
 * @param context patient context by name
 * @param traces reasoning by perspective
 * @param patient whose case it is, or empty: no patient is in two splits
 */
public record Draft(
        String id,
        String specialty,
        String modality,
        List<SourceImage> images,
        String question,
        Map<String, String> options,
        String label,
        Map<String, String> context,
        Map<String, String> traces,
        String patient) {
    /** Keeps copies, in the order given. */
    public Draft {
        images = List.copyOf(images);
        options = Collections.unmodifiableMap(new TreeMap<>(options));
        context = Collections.unmodifiableMap(new LinkedHashMap<>(context));
        traces = Collections.unmodifiableMap(new LinkedHashMap<>(traces));
    }

    /** Of a set that knows neither patients nor reasoning. */
    static Draft of(
            String id,
            String specialty,
            String modality,
            List<SourceImage> images,
            String question,
            Map<String, String> options,
            String label) {
        return new Draft(id, specialty, modality, images, question, options, label, Map.of(), Map.of(), "");
    }

    RowOutcome asQuestion() {
        return new RowOutcome.Question(this, "");
    }
}
