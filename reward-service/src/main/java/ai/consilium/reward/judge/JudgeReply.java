package ai.consilium.reward.judge;

import ai.consilium.platform.chat.ChatAnswer;
import ai.consilium.reward.rubric.CriterionVerdict;
import ai.consilium.reward.rubric.JudgedCriterion;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a judge has to answer: one JSON object, a reason before the verdict (HealthBench's {@code explanation} and
 * {@code criteria_met}, or {@code choice} where a criterion has choices). Anything else is no verdict. Pure.
 */
final class JudgeReply {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String EXPLANATION = "explanation";
    private static final String CRITERIA_MET = "criteria_met";
    private static final String CHOICE = "choice";
    private static final String THOUGHT_END = "</think>";
    private static final Pattern CODE_BLOCK = Pattern.compile("```(?:json)?\\s*\\R(.*?)\\R?```", Pattern.DOTALL);
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final int SHOWN = 120;
    private static final int LONGEST_EXPLANATION = 400;

    private JudgeReply() {}

    /** In words, for a prompt. */
    static String format(JudgedCriterion criterion) {
        String verdict = criterion.choices() == null
                ? "\"" + CRITERIA_MET + "\", true or false: {\"" + EXPLANATION + "\": string, \"" + CRITERIA_MET
                        + "\": boolean}"
                : "\"" + CHOICE + "\", one of " + JSON.valueToTree(criterion.choices()) + " (worst to best): {\""
                        + EXPLANATION + "\": string, \"" + CHOICE + "\": string}";
        return "Answer with one JSON object and nothing else: first \"" + EXPLANATION
                + "\", one to three sentences that refer to the answer, then " + verdict;
    }

    /** The field {@code response_format} of a request, for servers that constrain what is sampled. */
    static JsonNode responseFormat(@Nullable List<String> choices) {
        ObjectNode root = JSON.createObjectNode().put("type", "json_schema");
        ObjectNode named = root.putObject("json_schema").put("name", "verdict").put("strict", true);
        ObjectNode schema = named.putObject("schema").put("type", "object");
        ObjectNode fields = schema.putObject("properties");
        fields.putObject(EXPLANATION).put("type", "string");
        if (choices == null) {
            fields.putObject(CRITERIA_MET).put("type", "boolean");
        } else {
            fields.putObject(CHOICE).put("type", "string").set("enum", JSON.valueToTree(choices));
        }
        schema.putArray("required").add(EXPLANATION).add(choices == null ? CRITERIA_MET : CHOICE);
        schema.put("additionalProperties", false);
        return root;
    }

    /**
     * The verdict in an answer.
     *
     * @param completion that was judged
     * @throws NoJudgementException when there is none
     */
    static CriterionVerdict read(ChatAnswer answer, JudgedCriterion criterion, String completion)
            throws NoJudgementException {
        if (answer.refused()) {
            throw new NoJudgementException("the judge would not answer");
        }
        if (answer.cut()) {
            throw new NoJudgementException(
                    "the judge's answer was cut after " + answer.completionTokens() + " tokens (reply_tokens)");
        }
        String said = said(answer.text());
        JsonNode verdict = object(said);
        if (repeats(said, completion)) {
            throw new NoJudgementException("the judge's answer repeats the completion");
        }
        JsonNode explanation = verdict.path(EXPLANATION);
        if (!explanation.isTextual() || explanation.textValue().isBlank()) {
            throw malformed("it has no text '" + EXPLANATION + "'", said);
        }
        String why = line(explanation.textValue(), LONGEST_EXPLANATION);
        return criterion.choices() == null ? met(verdict, why, said) : chosen(verdict, criterion.choices(), why, said);
    }

    private static CriterionVerdict met(JsonNode verdict, String why, String said) throws NoJudgementException {
        JsonNode met = verdict.path(CRITERIA_MET);
        if (!met.isBoolean()) {
            throw malformed("it has no '" + CRITERIA_MET + "' that is true or false", said);
        }
        return met.booleanValue() ? new CriterionVerdict(1, "met", why) : new CriterionVerdict(0, "not met", why);
    }

    private static CriterionVerdict chosen(JsonNode verdict, List<String> choices, String why, String said)
            throws NoJudgementException {
        String chosen = verdict.path(CHOICE).asText("").strip();
        for (int i = 0; i < choices.size(); i++) {
            if (choices.get(i).equalsIgnoreCase(chosen)) {
                return new CriterionVerdict((double) i / (choices.size() - 1), choices.get(i), why);
            }
        }
        throw malformed("its '" + CHOICE + "' is none of " + choices, said);
    }

    /** Without a thought before it, and out of a code block that is all of it. */
    private static String said(String text) {
        int thought = text.lastIndexOf(THOUGHT_END);
        String after = (thought < 0 ? text : text.substring(thought + THOUGHT_END.length())).strip();
        Matcher block = CODE_BLOCK.matcher(after);
        return block.matches() ? block.group(1).strip() : after;
    }

    /** The whole must be the object: one that is quoted within other words may be the completion's. */
    private static JsonNode object(String said) throws NoJudgementException {
        JsonNode read;
        try {
            read = JSON.readTree(said);
        } catch (JsonProcessingException broken) {
            throw malformed("it is not one JSON object", said);
        }
        if (!read.isObject()) {
            throw malformed("it is not one JSON object", said);
        }
        return read;
    }

    /** Whether the verdict stands in the completion word for word: then it is the completion's own. */
    private static boolean repeats(String said, String completion) {
        String verdict = SPACE.matcher(said).replaceAll("");
        return Stream.of(completion, JudgePrompt.shown(completion))
                .anyMatch(text -> SPACE.matcher(text).replaceAll("").contains(verdict));
    }

    private static NoJudgementException malformed(String problem, String said) {
        return new NoJudgementException(
                "the judge's answer is malformed: " + problem + ": '" + line(said, SHOWN) + "'");
    }

    private static String line(String text, int most) {
        String line = text.replaceAll("[\\p{C}\\s]+", " ").strip();
        return line.length() <= most ? line : line.substring(0, most) + "…";
    }
}
