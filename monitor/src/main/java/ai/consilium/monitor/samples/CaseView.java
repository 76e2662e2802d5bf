package ai.consilium.monitor.samples;

import ai.consilium.schemas.CaseRef;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What records only name: cases, and the text of token ids. A monitor may run where neither cases nor model are. Thread-safe. */
public interface CaseView {
    /** Where there are none. */
    CaseView NONE = new CaseView() {
        @Override
        public Shown show(CaseRef of, Set<String> perspectives) {
            return Shown.problem("this monitor was given no cases");
        }

        @Override
        public Optional<List<String>> pieces(List<Integer> tokens) {
            return Optional.empty();
        }

        @Override
        public byte[] picture(Path file) {
            throw new IllegalArgumentException("this monitor was given no cases");
        }
    };

    /**
     * A case as the model sees it.
     *
     * @param prompts by perspective
     * @param images in the order of their placeholders
     * @param problem why something is missing; null where nothing is
     */
    record Shown(
            Map<String, Asked> prompts,
            List<Image> images,
            @Nullable String problem) {
        /** Nothing can be shown. */
        public static Shown problem(String problem) {
            return new Shown(Map.of(), List.of(), problem);
        }
    }

    /**
     * A prompt.
     *
     * @param text as the tokenizer reads it back from the ids
     * @param hash SHA-256 of its token ids, which a trajectory's must equal
     */
    record Asked(String text, String hash) {}

    /**
     * An image.
     *
     * @param name as its case names it
     * @param sha256 of the file, lower-case hex
     * @param file where it lies
     */
    record Image(String name, String sha256, Path file) {}

    /** A case that a record names; what cannot be had is told in the answer. */
    Shown show(CaseRef of, Set<String> perspectives);

    /** The text of each token, which together are the completion; empty where there is no tokenizer. */
    Optional<List<String>> pieces(List<Integer> tokens);

    /** An image as the model sees it, PNG or JPEG. @throws RuntimeException when it cannot be read */
    byte[] picture(Path file);
}
