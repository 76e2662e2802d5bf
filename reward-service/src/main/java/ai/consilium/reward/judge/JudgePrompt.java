package ai.consilium.reward.judge;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.cases.format.Case;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.rubric.JudgedCriterion;
import ai.consilium.reward.scorer.ScoringRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * What a judge is asked: a text with places for the case, the completion and the criterion. A completion is data that was
 * optimised to be liked: it stands between two lines that bear a mark which it cannot foresee, and nothing in it is taken for
 * mark-up of the judge's own.
 *
 * @param text with placeholders in braces
 */
record JudgePrompt(String text) {
    private static final String SHIPPED_PREFIX = "shipped:";
    private static final List<String> SHIPPED = List.of("criterion");
    /** The text of {@code shipped:criterion}. */
    static final String SHIPPED_CRITERION = shipped("criterion");

    private static final String COMPLETION = "completion";
    private static final String CRITERION = "criterion";
    private static final String ANSWER_FORMAT = "answer_format";
    private static final List<String> PLACES =
            List.of("context", "question", "options", "ground_truth", COMPLETION, CRITERION, ANSWER_FORMAT);
    private static final Pattern PLACE = Pattern.compile("\\{([a-z_]+)}");
    private static final int LONGEST = 100_000;
    private static final int MARK_DIGITS = 16;

    /** What ends a model's turn, beside what is written {@code <|...|>}. */
    private static final List<String> ENDS = List.of("</s>", "<eos>", "<end_of_turn>");

    private static final int LONGEST_END = 40;
    /** How a turn, a role or an image would begin in some model's template; thought and answer are the policy's own. */
    private static final Pattern MARKUP =
            Pattern.compile("<(?=[|\uFF5C/!\\p{L}])(?!/?(?:think|answer)>)|\\[(?=/?[A-Z_]{2,}])");

    /** @throws IllegalArgumentException naming what it lacks */
    JudgePrompt {
        require(text != null && text.length() <= LONGEST, "prompt: must have at most " + LONGEST + " characters");
        List<String> used =
                PLACE.matcher(text).results().map(place -> place.group(1)).toList();
        for (String place : used) {
            require(
                    PLACES.contains(place),
                    "prompt: {" + place + "} is none of "
                            + PLACES.stream().map(name -> "{" + name + "}").toList());
        }
        for (String needed : List.of(COMPLETION, CRITERION)) {
            require(used.contains(needed), "prompt: {" + needed + "} is missing");
        }
    }

    /**
     * Reads one.
     *
     * @param key that names it
     * @param file relative to {@code base}, or a shipped one's name; null: {@code shipped:criterion}
     * @throws UsageException naming the file
     */
    static JudgePrompt read(String key, @Nullable String file, Path base) {
        String named = Objects.requireNonNullElse(file, SHIPPED_PREFIX + SHIPPED.get(0));
        if (named.startsWith(SHIPPED_PREFIX)) {
            String name = named.substring(SHIPPED_PREFIX.length());
            if (!SHIPPED.contains(name)) {
                throw new UsageException(key + ": '" + named + "' does not exist; the prompts included are " + SHIPPED);
            }
            return new JudgePrompt(shipped(name));
        }
        Path path = base.resolve(named);
        if (!Files.isRegularFile(path)) {
            throw new UsageException(key + ": no such prompt file: " + path);
        }
        try {
            return new JudgePrompt(Files.readString(path));
        } catch (IOException failed) {
            throw new UsageException(key + ": cannot read " + path + ": " + failed, failed);
        } catch (IllegalArgumentException unusable) {
            throw new UsageException(path + ": " + unusable.getMessage(), unusable);
        }
    }

    private static String shipped(String name) {
        try (InputStream in = JudgePrompt.class.getResourceAsStream("prompts/" + name + ".txt")) {
            if (in == null) {
                throw new IOException("resource prompts/" + name + ".txt is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** What is asked about a completion and a criterion. What stands in the one is not looked at for places of the other. */
    String about(ScoringRequest request, JudgedCriterion criterion) {
        Case about = request.about();
        Map<String, String> values = Map.of(
                "context",
                harmless(lines(about.context(), ": ")),
                "question",
                harmless(about.question()),
                "options",
                harmless(lines(about.options(), ". ")),
                "ground_truth",
                harmless(groundTruth(about)),
                COMPLETION,
                fenced(request.completion()),
                CRITERION,
                harmless(criterion.text().strip()),
                ANSWER_FORMAT,
                JudgeReply.format(criterion));
        String whole = text.contains("{" + ANSWER_FORMAT + "}") ? text : text + "\n\n{" + ANSWER_FORMAT + "}\n";
        return PLACE.matcher(whole)
                .replaceAll(place -> Matcher.quoteReplacement(Objects.requireNonNull(values.get(place.group(1)))));
    }

    /** Between lines that its author could not have written: they hold a hash of it. */
    private static String fenced(String completion) {
        String mark = DigestUtils.sha256Hex(completion).substring(0, MARK_DIGITS);
        return "===== " + mark + " begins =====\n" + shown(completion) + "\n===== " + mark + " ends =====";
    }

    /** A completion as a judge sees it: without the tokens that end it. */
    static String shown(String completion) {
        int end = completion.length();
        for (int before = -1; end != before; ) {
            before = end;
            while (end > 0 && Character.isWhitespace(completion.charAt(end - 1))) {
                end--;
            }
            end -= endLength(completion.substring(Math.max(0, end - LONGEST_END), end));
        }
        return harmless(completion.substring(0, end)).strip();
    }

    /** How long the token is that ends a text; 0 where none does. */
    private static int endLength(String text) {
        int begin = text.endsWith("|>") ? text.lastIndexOf("<|") : -1;
        if (begin >= 0) {
            return text.length() - begin;
        }
        return ENDS.stream()
                .filter(text::endsWith)
                .mapToInt(String::length)
                .findFirst()
                .orElse(0);
    }

    /** A text in which no model finds a token of its template. */
    private static String harmless(String text) {
        return MARKUP.matcher(text).replaceAll(found -> found.group() + " ");
    }

    private static String lines(Map<String, String> entries, String between) {
        return entries.entrySet().stream()
                .map(entry -> entry.getKey() + between + entry.getValue())
                .collect(Collectors.joining("\n"));
    }

    private static String groundTruth(Case about) {
        StringBuilder truth = new StringBuilder("Right answer: ")
                .append(about.label())
                .append(". ")
                .append(about.answer());
        Case.Evidence evidence = about.evidence();
        if (evidence != null) {
            if (!evidence.findings().isEmpty()) {
                truth.append("\nFindings: ")
                        .append(evidence.findings().stream()
                                .map(finding -> finding.name() + " " + finding.value()
                                        + (finding.abnormal() ? " (abnormal)" : ""))
                                .collect(Collectors.joining("; ")));
            }
            if (!evidence.rule().isBlank()) {
                truth.append("\nRule: ").append(evidence.rule());
                if (evidence.score() != null) {
                    truth.append(String.format(Locale.ROOT, ", score %s", evidence.score()));
                }
            }
        }
        return truth.toString();
    }
}
