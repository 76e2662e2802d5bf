package ai.consilium.pretraining;

import ai.consilium.cases.format.Markup;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes tokenizer.json and tokenizer_config.json of a WordPiece vocabulary in Hugging Face's format: whole words where
 * the vocabulary has them, single characters where it has not, so that no text is lost.
 */
final class TokenizerFiles {
    /**
     * Stands for a video, which no prompt has. Qwen2.5-VL's processor asks for it: without it vLLM refuses every image. Its id
     * follows the vocabulary, so that no other changes.
     */
    private static final String VIDEO_PAD = "<|video_pad|>";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Turns of words, each mark of the mark-up a word too. */
    private static final String CHAT_TEMPLATE = "{% for message in messages %}{% if message['role'] == 'user' %}"
            + "<|im_start|> user {% if message['content'] is string %}{{ message['content'] }}{% else %}"
            + "{% for part in message['content'] %}{% if part['type'] == 'image' %}"
            + "<|vision_start|> <|image_pad|> <|vision_end|> {% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
            + " <|im_end|> {% else %}<|im_start|> assistant {{ message['content'] }}{% endif %}{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|> assistant{% endif %}";

    private TokenizerFiles() {}

    /**
     * Writes both files.
     *
     * @param special the first entries of the vocabulary, kept whole and never normalised
     * @param vocabulary all entries; the index is the id. One more follows them: {@link #videoPad}
     */
    static void write(Path directory, List<String> special, List<String> vocabulary) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int id = 0; id < special.size(); id++) {
            add(added, id, special.get(id));
        }
        add(added, videoPad(vocabulary), VIDEO_PAD);
        root.putObject("normalizer").put("type", "Lowercase");
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        root.putNull("post_processor");
        root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", false);
        ObjectNode model = root.putObject("model");
        model.put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100);
        ObjectNode ids = model.putObject("vocab");
        for (int id = 0; id < vocabulary.size(); id++) {
            ids.put(vocabulary.get(id), id);
        }
        JSON.writeValue(directory.resolve("tokenizer.json").toFile(), root);
        ObjectNode config = JSON.createObjectNode();
        config.put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("eos_token", Markup.TURN_END)
                .put("pad_token", Markup.END_OF_TEXT)
                .put("unk_token", "[UNK]")
                .put("clean_up_tokenization_spaces", false)
                .put("chat_template", CHAT_TEMPLATE);
        Files.writeString(directory.resolve("tokenizer_config.json"), JSON.writeValueAsString(config) + "\n");
    }

    private static void add(ArrayNode added, int id, String content) {
        added.addObject()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    /** Id of the token that stands for a video: the last. */
    static int videoPad(List<String> vocabulary) {
        return vocabulary.size();
    }
}
