package ai.consilium.cases.check;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseLine;
import ai.consilium.cases.format.QuestionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Cases that stand in two splits: what is measured on them afterwards is memory. */
final class SplitLeakage {
    private final UnaryOperator<String> pictureSha256;
    /** Where what the files before this one hold was seen first. */
    private final Map<String, String> seen = new HashMap<>();

    /** @param pictureSha256 SHA-256 of an image; empty where it cannot be read */
    SplitLeakage(UnaryOperator<String> pictureSha256) {
        this.pictureSha256 = pictureSha256;
    }

    /**
     * What the lines of a file share with the files that were given before.
     *
     * @param lines of a file, after those of all files that are more held out than it
     */
    List<CaseFinding> next(List<CaseLine> lines) {
        List<CaseFinding> found = new ArrayList<>();
        Map<String, String> own = new HashMap<>();
        for (CaseLine line : lines) {
            Case of = line.read();
            if (of != null) {
                keys(of).forEach((key, what) -> {
                    String place = seen.get(key);
                    if (place != null) {
                        found.add(CaseFinding.of(line, what + " " + place));
                    }
                    own.putIfAbsent(key, line.file() + ":" + line.number());
                });
            }
        }
        own.forEach(seen::putIfAbsent);
        return found;
    }

    /** What two cases of different splits must not share, each with the words that say so. */
    private Map<String, String> keys(Case of) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("id " + of.id(), "id: '" + of.id() + "' is also used in");
        for (String image : of.images()) {
            String sha256 = pictureSha256.apply(image);
            if (!sha256.isEmpty()) {
                keys.put("image " + sha256, "images: '" + image + "' is a picture of");
            }
        }
        QuestionKey.of(of)
                .ifPresent(text -> keys.put("text " + text, "question: the same question with the same options is in"));
        return keys;
    }
}
