package ai.consilium.rollout.engine.vllm;

import ai.consilium.cases.prompt.PromptText;
import ai.consilium.inference.prompt.ChatEncoder;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.inference.prompt.PromptEncoder.Encoded;
import ai.consilium.policy.ModelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A prompt as a server's chat route takes it, which puts the mark-up around it by the model's own template, and as the ids
 * that must come of it.
 *
 * @param name for errors
 * @param images in order
 * @param encoded for this process's model
 */
record ChatPrompt(String name, PromptText text, List<Image> images, Encoded encoded) {
    /** A picture, which is read when a request is written: many prompts wait, few are on their way. */
    record Image(Path file, PromptEncoder encoder) {
        /** A file that every decoder sees as the encoder's model does. */
        byte[] bytes() {
            return encoder.portable(file);
        }
    }

    ChatPrompt {
        images = List.copyOf(images);
    }

    /** With the pictures as the encoder's model sees them. @param files in order */
    static ChatPrompt of(PromptEncoder encoder, String name, PromptText text, List<Path> files, Encoded encoded) {
        List<Image> images =
                files.stream().map(file -> new Image(file, encoder)).toList();
        return new ChatPrompt(name, text, images, encoded);
    }

    /**
     * A server encodes all text as one, so that what looks like mark-up becomes mark-up.
     *
     * @throws ModelException when that changes this prompt
     */
    static void requireSameForServers(ChatEncoder chat, String name, PromptText text) {
        if (!Arrays.equals(chat.encode(text), chat.encodeUnguarded(text))) {
            throw new ModelException(
                    name + ": its text holds what a vLLM server reads as mark-up, such as an end of turn;"
                            + " only rollout.engine local can sample it");
        }
    }

    /** The whole prompt, images expanded. */
    int[] ids() {
        int[] prefix = encoded.prefix().tokens();
        int[] added = encoded.instruction();
        int[] ids = Arrays.copyOf(prefix, prefix.length + added.length);
        System.arraycopy(added, 0, ids, prefix.length, added.length);
        return ids;
    }
}
