package ai.consilium.cases.prompt;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.Markup;
import ai.consilium.cases.format.Wording;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.LayoutFile.AnswerForm;
import ai.consilium.cases.prompt.LayoutFile.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a case is put before a model, and how an answer is written: the texts around a case, each perspective's guideline, the
 * form of a completion (docs/PROMPTS.md). Immutable; a pure function of its file.
 */
public final class PromptLayout {
    private final String name;
    private final String hash;
    private final Words words;
    private final MarkedText system;
    private final LayoutTemplate user;
    private final Listing context;
    private final Listing options;
    private final LayoutTemplate instruction;
    private final Map<String, String> perspectives;
    private final LayoutTemplate completion;
    private final AnswerForm answer;
    private final Map<String, LayoutTemplate> traces = new LinkedHashMap<>();

    private record Listing(String before, LayoutTemplate entry, String between, String after) {
        static Listing of(LayoutFile.Listing file, Set<String> places) {
            return new Listing(
                    orEmpty(file.before()),
                    LayoutTemplate.parse(file.entry(), places),
                    orEmpty(file.between()),
                    orEmpty(file.after()));
        }

        private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
            return text == null ? "" : text;
        }

        MarkedText fill(List<Map<String, MarkedText>> entries) {
            if (entries.isEmpty()) {
                return MarkedText.NONE;
            }
            List<MarkedText> parts = new ArrayList<>();
            for (Map<String, MarkedText> values : entries) {
                parts.add(MarkedText.written(parts.isEmpty() ? before : between));
                parts.add(entry.fill(values));
            }
            parts.add(MarkedText.written(after));
            return MarkedText.join(parts);
        }
    }

    /** @throws IllegalArgumentException naming the field that cannot be used */
    PromptLayout(String name, String hash, LayoutFile file) {
        this.name = name;
        this.hash = hash;
        words = file.words();
        system = MarkedText.written(file.system());
        user = template("user", file.user(), "specialty", "modality", "context", "question", "options");
        context = Listing.of(file.context(), Set.of("name", "value"));
        options = Listing.of(file.options(), Set.of("letter", "text"));
        instruction = template("instruction", file.instruction(), "guideline");
        perspectives = new LinkedHashMap<>(file.perspectives());
        perspectives.putIfAbsent(Perspective.NONE, "");
        completion = template("completion", file.completion(), "thought", "answer");
        answer = file.answer();
        for (String perspective : perspectives.keySet()) {
            String text = file.traces().get(perspective);
            if (text == null) {
                throw new IllegalArgumentException("traces." + perspective + " is missing");
            }
            traces.put(perspective, template("traces." + perspective, text, "answer", "letter", "rival"));
        }
        requireWellFormed();
    }

    private static LayoutTemplate template(String field, String text, String... places) {
        try {
            return LayoutTemplate.parse(text, Set.of(places));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(field + ": " + e.getMessage(), e);
        }
    }

    private void requireWellFormed() {
        String example = completed(MarkedText.written("a thought"), MarkedText.written("B"))
                .text();
        if (!Grading.wellFormed(example, EndTokens.TURN_END)) {
            throw new IllegalArgumentException("completion: must be " + Markup.THINK_START + "{thought}"
                    + Markup.THINK_END + Markup.ANSWER_START + "{answer}" + Markup.ANSWER_END
                    + " with nothing but white space around: the format is scored");
        }
    }

    /** As the configuration names it. */
    public String name() {
        return name;
    }

    /** SHA-256 (hex) of its content. */
    public String hash() {
        return hash;
    }

    /** The perspectives that it knows, in order. */
    public List<String> perspectives() {
        return List.copyOf(perspectives.keySet());
    }

    /** The prompt of a case under a perspective. @throws CaseException for an unknown perspective */
    public PromptText prompt(Case of, String perspective) {
        MarkedText shown = user.fill(Map.of(
                "specialty", quote(of.specialty().replace('_', ' ')),
                "modality", quote(of.modality()),
                "context", entries(context, of.context(), "name", "value"),
                "question", quote(of.question()),
                "options", entries(options, of.options(), "letter", "text")));
        return prompt(of.images().size(), shown, perspective);
    }

    /**
     * A prompt that is not a case's.
     *
     * @param shown what stands where the case would
     * @throws CaseException for an unknown perspective
     */
    public PromptText prompt(int images, MarkedText shown, String perspective) {
        String guideline = perspectives.get(perspective);
        if (guideline == null) {
            throw unknown(perspective);
        }
        MarkedText added = guideline.isEmpty()
                ? MarkedText.NONE
                : instruction.fill(Map.of("guideline", MarkedText.written(guideline)));
        return new PromptText(system, images, shown.plus(added));
    }

    /**
     * The completion that domain-specific adaptation imitates, end token included: a case's own trace under a perspective where
     * it has one, else a template over the answer (real cases seldom carry any).
     *
     * @throws CaseException for an unknown perspective
     */
    public MarkedText completion(Case of, String perspective) {
        LayoutTemplate template = traces.get(perspective);
        if (template == null) {
            throw unknown(perspective);
        }
        String own = of.traces().get(perspective);
        MarkedText thought = own != null
                ? quote(own)
                : template.fill(Map.of(
                        "answer", quote(of.answer()),
                        "letter", quote(of.label()),
                        "rival", quote(rival(of))));
        return completed(
                thought, quote(answer == AnswerForm.LETTER || letter(of, of.answer()) ? of.label() : of.answer()));
    }

    /** Whether a text reads like an option's letter: as an answer it would be that option, whatever it was meant to be. */
    private static boolean letter(Case of, String text) {
        return of.options().keySet().stream().anyMatch(letter -> Wording.same(letter, text));
    }

    /** A completion, end token included. */
    public MarkedText completed(MarkedText thought, MarkedText said) {
        return completion.fill(Map.of("thought", thought, "answer", said)).plus(MarkedText.written(Markup.TURN_END));
    }

    private MarkedText entries(Listing listing, Map<String, String> entries, String key, String value) {
        return listing.fill(entries.entrySet().stream()
                .map(entry -> Map.of(key, quote(entry.getKey()), value, quote(entry.getValue())))
                .toList());
    }

    private MarkedText quote(String text) {
        return MarkedText.quoted(words == Words.CANONICAL ? Markup.words(text) : text);
    }

    /** The first option that is not the answer: a case without evidence does not say which one is near. */
    private static String rival(Case of) {
        return of.options().entrySet().stream()
                .filter(option -> !option.getKey().equals(of.label()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse("nothing");
    }

    private CaseException unknown(String perspective) {
        return new CaseException("perspective '" + perspective + "' is unknown to the prompt layout " + name
                + "; it knows " + String.join(", ", perspectives.keySet()));
    }
}
