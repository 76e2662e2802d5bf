package ai.consilium.rollout.engine.vllm;

import ai.consilium.policy.image.ImageFormat;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;

/**
 * The body of POST /v1/chat/completions. Every field that bears on what is sampled is sent, so that no default of the server,
 * and nothing in a generation_config.json beside its model, matters.
 */
final class ChatRequest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** vLLM adds it to a logit: what is this far down is never drawn, and what is left is the distribution that it reports. */
    private static final int NEVER = -100;

    private ChatRequest() {}

    /**
     * Builds it; images are read.
     *
     * @param model the server's name of the adapter or the base
     * @param never ids that no completion may hold
     */
    static byte[] body(String model, ChatPrompt prompt, Draw draw, List<Integer> never) {
        ObjectNode root = JSON.createObjectNode().put("model", model);
        ArrayNode messages = root.putArray("messages");
        if (!prompt.text().system().isEmpty()) {
            messages.addObject()
                    .put("role", "system")
                    .put("content", prompt.text().system().text());
        }
        ArrayNode content = messages.addObject().put("role", "user").putArray("content");
        for (ChatPrompt.Image image : prompt.images()) {
            content.addObject().put("type", "image_url").putObject("image_url").put("url", dataUrl(image.bytes()));
        }
        content.addObject().put("type", "text").put("text", prompt.text().user().text());
        root.put("add_generation_prompt", true).put("add_special_tokens", false);
        root.put("n", draw.completions()).put("seed", draw.seed());
        root.put("temperature", draw.temperature()).put("top_p", 1.0).put("top_k", -1);
        root.put("min_p", 0.0).put("repetition_penalty", 1.0);
        root.put("frequency_penalty", 0.0).put("presence_penalty", 0.0);
        root.put("max_completion_tokens", draw.maxTokens()).put("min_tokens", 0);
        // The end tokens are ours: an end-of-text of the server's configuration must not end anything.
        root.put("ignore_eos", true).putArray("stop");
        ArrayNode stops = root.putArray("stop_token_ids");
        draw.ends().forEach(stops::add);
        ObjectNode bias = root.putObject("logit_bias");
        for (int id : never) {
            bias.put(Integer.toString(id), NEVER);
        }
        root.put("logprobs", true).put("top_logprobs", 0);
        root.put("return_token_ids", true).put("return_tokens_as_token_ids", true);
        root.put("skip_special_tokens", false).put("stream", false);
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A server that decodes it finds the pixels that the learner sees. */
    private static String dataUrl(byte[] image) {
        boolean jpeg = ImageFormat.of(image) == ImageFormat.JPEG;
        return "data:image/" + (jpeg ? "jpeg" : "png") + ";base64,"
                + Base64.getEncoder().encodeToString(image);
    }
}
