package ai.consilium.rollout.engine.vllm;

import ai.consilium.policy.input.CompletionTokens;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a reply of POST /v1/chat/completions. All of it is right, or nothing of it is used. */
final class ChatReply {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int HEAD_BYTES = 1 << 16;
    private static final int PROMPT_TOKEN_BYTES = 32;
    /** Id, log-probability, the token's text and its bytes one by one. */
    private static final int COMPLETION_TOKEN_BYTES = 2048;
    /** A log-probability that was rounded up. */
    private static final double ROUNDING = 1e-3;
    /** vLLM's spelling of minus infinity is -9999: nothing like it was ever drawn. */
    private static final double IMPOSSIBLE = -1000;

    private final CompletionTokens allowed;

    /**
     * One completion.
     *
     * @param tokens the end token included when it was sampled
     * @param logprobs one for each token
     * @param truncated cut at the limit
     */
    record Drawn(int[] tokens, float[] logprobs, boolean truncated) {}

    /** @param allowed ids that a completion may hold */
    ChatReply(CompletionTokens allowed) {
        this.allowed = allowed;
    }

    /** The most bytes that a reply may have. */
    static int mostBytes(ChatPrompt prompt, Draw draw) {
        long most = HEAD_BYTES
                + (long) PROMPT_TOKEN_BYTES * prompt.ids().length
                + (long) COMPLETION_TOKEN_BYTES * draw.completions() * draw.maxTokens();
        return (int) Math.min(most, Integer.MAX_VALUE - 8);
    }

    /**
     * Reads one.
     *
     * @param model that was asked
     * @return in the order in which they were drawn
     * @throws ServerException saying what is wrong
     */
    List<Drawn> read(byte[] body, String model, ChatPrompt prompt, Draw draw) throws ServerException {
        JsonNode root = json(body);
        if (!model.equals(root.path("model").asText())) {
            throw wrong("it answers for the model " + root.path("model") + " instead of " + model);
        }
        comparePrompt(root.path("prompt_token_ids"), prompt);
        JsonNode choices = root.path("choices");
        if (!choices.isArray() || choices.size() != draw.completions()) {
            throw wrong("it has " + choices.size() + " choices instead of " + draw.completions());
        }
        List<@Nullable Drawn> drawn = new ArrayList<>(Collections.nCopies(draw.completions(), null));
        for (JsonNode choice : choices) {
            JsonNode index = choice.path("index");
            if (!index.isInt() || index.intValue() < 0 || index.intValue() >= drawn.size()) {
                throw wrong("a choice has the index " + index);
            }
            if (drawn.set(index.intValue(), drawn(choice, draw)) != null) {
                throw wrong("two choices have the index " + index);
            }
        }
        List<Drawn> all = new ArrayList<>();
        for (Drawn each : drawn) {
            if (each == null) {
                throw wrong("a choice is missing");
            }
            all.add(each);
        }
        return all;
    }

    static JsonNode json(byte[] body) throws ServerException {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw wrong("it is not JSON");
        } catch (IOException e) {
            throw wrong("it cannot be read: " + e);
        }
    }

    /** The ids that the server read, which are those that the learner will train on. */
    private static void comparePrompt(JsonNode theirs, ChatPrompt prompt) throws ServerException {
        if (!theirs.isArray()) {
            throw wrong("it has no prompt ids; a server must be able to return the token ids of prompts");
        }
        int[] ours = prompt.ids();
        for (int i = 0; i < Math.min(ours.length, theirs.size()); i++) {
            if (!theirs.get(i).isInt() || theirs.get(i).intValue() != ours[i]) {
                throw ServerException.refused(prompt.name() + ": its prompt is read otherwise: id " + theirs.get(i)
                        + " instead of " + ours[i] + " at position " + i + " of " + ours.length);
            }
        }
        if (ours.length != theirs.size()) {
            throw ServerException.refused(prompt.name() + ": its prompt is read as " + theirs.size()
                    + " ids instead of " + ours.length + "; the first " + Math.min(ours.length, theirs.size())
                    + " are equal");
        }
    }

    private Drawn drawn(JsonNode choice, Draw draw) throws ServerException {
        String finish = choice.path("finish_reason").asText();
        boolean truncated = finish.equals("length");
        if (!truncated && !finish.equals("stop")) {
            throw wrong("a completion ended for the reason " + choice.path("finish_reason"));
        }
        JsonNode ids = choice.path("token_ids");
        JsonNode content = choice.path("logprobs").path("content");
        if (!ids.isArray() || ids.isEmpty()) {
            throw wrong("a completion has no token ids");
        }
        if (ids.size() > draw.maxTokens()) {
            throw wrong("a completion has " + ids.size() + " tokens, " + draw.maxTokens() + " were asked for");
        }
        if (!content.isArray() || content.size() != ids.size()) {
            throw wrong("a completion of " + ids.size() + " tokens has " + content.size() + " log-probabilities");
        }
        int[] tokens = new int[ids.size()];
        float[] logprobs = new float[ids.size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = token(ids.get(i));
            logprobs[i] = logprob(content.get(i), tokens[i]);
        }
        checkEnd(tokens, truncated, draw);
        return new Drawn(tokens, logprobs, truncated);
    }

    private int token(JsonNode id) throws ServerException {
        if (!id.isInt() || !allowed.contains(id.intValue())) {
            throw wrong("it has the token id " + shortened(id.toString()) + ", which no completion may hold");
        }
        return id.intValue();
    }

    private static float logprob(JsonNode entry, int token) throws ServerException {
        JsonNode value = entry.path("logprob");
        double logprob = value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!(logprob <= ROUNDING && logprob > IMPOSSIBLE)) {
            throw wrong("token " + token + " has the log-probability " + shortened(value.toString()));
        }
        String named = entry.path("token").asText();
        if (!named.equals("token_id:" + token)) {
            throw wrong("the log-probability of token " + token + " is that of " + shortened(named));
        }
        return (float) Math.min(logprob, 0);
    }

    /** An end token is where a completion stops, and nowhere else. */
    private static void checkEnd(int[] tokens, boolean truncated, Draw draw) throws ServerException {
        if (truncated && tokens.length < draw.maxTokens()) {
            throw wrong("a completion was cut after " + tokens.length + " of " + draw.maxTokens() + " tokens");
        }
        if (draw.ends().isEmpty()) {
            if (!truncated) {
                throw wrong("a completion ended by itself, though it was to go on");
            }
            return;
        }
        int first = 0;
        while (first < tokens.length && !draw.ends().contains(tokens[first])) {
            first++;
        }
        if (first < tokens.length - 1) {
            throw wrong("a completion goes on after an end token");
        }
        if (truncated == (first == tokens.length - 1)) {
            throw wrong(
                    truncated
                            ? "a completion ends with an end token, but is said to be cut"
                            : "a completion is said to be whole, but lacks an end token");
        }
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    private static ServerException wrong(String message) {
        return ServerException.wrong("bad reply: " + message);
    }
}
