package ai.consilium.cases.prompt;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a layout's file (docs/PROMPTS.md), checked one by one.
 *
 * @param words what becomes of a case's text
 * @param system the system's turn; empty leaves it to the chat template
 * @param user the case: places specialty, modality, context, question, options
 * @param context the patient's context: places name, value
 * @param options the options: places letter, text
 * @param instruction what a perspective with a guideline adds after the case: place guideline
 * @param perspectives the guideline of each, in order; empty for none
 * @param completion a completion without its end token: places thought, answer
 * @param answer how the answer is given
 * @param traces by perspective, the thought to imitate where a case has none of its own: places answer, letter, rival
 */
record LayoutFile(
        Words words,
        String system,
        String user,
        Listing context,
        Listing options,
        String instruction,
        Map<String, String> perspectives,
        String completion,
        AnswerForm answer,
        Map<String, String> traces) {
    /** What becomes of a case's text. */
    enum Words {
        /** As it stands. */
        @JsonProperty("written")
        WRITTEN,
        /** Lower case, single spaces, each mark a word of its own. */
        @JsonProperty("canonical")
        CANONICAL
    }

    /** How an answer is given. */
    enum AnswerForm {
        @JsonProperty("letter")
        LETTER,
        @JsonProperty("text")
        TEXT
    }

    /**
     * Entries one after the other; no text at all where there is none.
     *
     * @param entry template of each
     */
    record Listing(
            @Nullable String before,
            String entry,
            @Nullable String between,
            @Nullable String after) {
        Listing {
            Objects.requireNonNull(entry, "entry is missing");
        }
    }

    LayoutFile {
        Objects.requireNonNull(words, "words is missing: written or canonical");
        Objects.requireNonNull(system, "system is missing; \"\" leaves it to the model's chat template");
        Objects.requireNonNull(user, "user is missing");
        Objects.requireNonNull(context, "context is missing");
        Objects.requireNonNull(options, "options is missing");
        Objects.requireNonNull(instruction, "instruction is missing");
        Objects.requireNonNull(perspectives, "perspectives is missing");
        Objects.requireNonNull(completion, "completion is missing");
        Objects.requireNonNull(answer, "answer is missing: letter or text");
        Objects.requireNonNull(traces, "traces is missing");
    }
}
