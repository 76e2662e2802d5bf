package ai.consilium.platform.chat;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a model answered.
 *
 * @param text the message
 * @param reasoning what some servers give apart from it; empty where there is none
 * @param cut whether the length limit ended it
 * @param refused whether the model, or a filter before it, would not answer
 * @param model as the server calls it
 * @param promptTokens by the server's count, 0 where it does not say
 * @param completionTokens by the server's count; where it does not say, the most that were allowed
 * @param cached whether it was known before
 */
public record ChatAnswer(
        String text,
        String reasoning,
        boolean cut,
        boolean refused,
        String model,
        long promptTokens,
        long completionTokens,
        boolean cached) {

    /**
     * Reads a reply's JSON.
     *
     * @throws ChatException when it is none of the protocol
     */
    static ChatAnswer of(JsonNode reply, ChatCall call, boolean cached) throws ChatException {
        JsonNode choice = reply.path("choices").path(0);
        JsonNode message = choice.path("message");
        if (!message.isObject()) {
            throw new ChatException(ChatException.Kind.REQUEST, "the reply has no 'choices' with a 'message'");
        }
        JsonNode usage = reply.path("usage");
        String reasoning = message.path("reasoning_content").asText("");
        return new ChatAnswer(
                text(message.path("content")),
                reasoning.isEmpty() ? message.path("reasoning").asText("") : reasoning,
                choice.path("finish_reason").asText("").equals("length"),
                choice.path("finish_reason").asText("").equals("content_filter")
                        || !message.path("refusal").asText("").isBlank(),
                reply.path("model").asText(""),
                Math.max(0, usage.path("prompt_tokens").asLong(0)),
                Math.max(0, usage.path("completion_tokens").asLong(call.mostTokens())),
                cached);
    }

    /** A text, or a list of parts of which some are text. */
    private static String text(JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder all = new StringBuilder();
        for (JsonNode part : content) {
            all.append(part.path("text").asText(""));
        }
        return all.toString();
    }

    /** Of prompt and answer. */
    public long tokens() {
        return promptTokens + completionTokens;
    }
}
