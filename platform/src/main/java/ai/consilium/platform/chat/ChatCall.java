package ai.consilium.platform.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * One request, as the bytes that are sent. The same arguments give the same bytes.
 *
 * @param body JSON in UTF-8
 * @param mostTokens that may be answered
 */
public record ChatCall(byte[] body, int mostTokens) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A picture that is shown before the text.
     *
     * @param mediaType for example image/png
     * @param bytes of the file
     */
    public record Picture(String mediaType, byte[] bytes) {}

    /**
     * How an answer is drawn.
     *
     * @param seed another one asks again, where the server knows seeds and where a cache answers
     */
    public record Drawing(double temperature, int seed, int mostTokens) {}

    /**
     * A request of a system's turn and a user's.
     *
     * @param system empty: there is no such turn
     * @param more fields of the body for this server; null takes a field away
     */
    public static ChatCall of(
            String model,
            String system,
            List<Picture> pictures,
            String user,
            Drawing drawing,
            Map<String, JsonNode> more) {
        ObjectNode root = JSON.createObjectNode().put("model", model);
        ArrayNode messages = root.putArray("messages");
        if (!system.isEmpty()) {
            messages.addObject().put("role", "system").put("content", system);
        }
        ObjectNode turn = messages.addObject().put("role", "user");
        if (pictures.isEmpty()) {
            // Servers of models that read text only know no other form.
            turn.put("content", user);
        } else {
            ArrayNode content = turn.putArray("content");
            for (Picture picture : pictures) {
                content.addObject()
                        .put("type", "image_url")
                        .putObject("image_url")
                        .put("url", dataUrl(picture));
            }
            content.addObject().put("type", "text").put("text", user);
        }
        root.put("temperature", drawing.temperature())
                .put("seed", drawing.seed())
                .put("max_tokens", drawing.mostTokens())
                .put("stream", false);
        more.forEach((field, value) -> {
            if (value.isNull()) {
                root.remove(field);
            } else {
                root.set(field, value);
            }
        });
        try {
            return new ChatCall(JSON.writeValueAsBytes(root), drawing.mostTokens());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String dataUrl(Picture picture) {
        return "data:" + picture.mediaType() + ";base64," + Base64.getEncoder().encodeToString(picture.bytes());
    }

    /** SHA-256 (hex) of everything that is asked: model, words, pictures, sampling. */
    public String sha256() {
        return DigestUtils.sha256Hex(body);
    }
}
