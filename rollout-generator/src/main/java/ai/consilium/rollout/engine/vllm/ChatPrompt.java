package ai.consilium.rollout.engine.vllm;

import ai.consilium.cases.format.Markup;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.inference.prompt.PromptEncoder.Encoded;
import ai.consilium.policy.ModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * A prompt as a server's chat route takes it, which puts the mark-up around it by the model's own template, and as the ids
 * that must come of it.
 *
 * @param name for errors
 * @param parts of the user's turn, in order
 * @param encoded for this process's model
 */
record ChatPrompt(String name, List<Part> parts, Encoded encoded) {
    private static final String OPENING = Markup.TURN_START + "user\n";
    private static final String CLOSING = Markup.TURN_END + "\n" + Markup.TURN_START + "assistant\n";
    private static final String IMAGE = Markup.VISION_START + Markup.IMAGE_PAD + Markup.VISION_END;

    /** A part of a turn. */
    sealed interface Part {
        record Text(String text) implements Part {}

        record Image(Path file) implements Part {}
    }

    ChatPrompt {
        parts = List.copyOf(parts);
    }

    /**
     * Reads and encodes a prompt.
     *
     * @throws ModelException when it is not one turn of a user, or an image cannot be used
     * @throws ai.consilium.cases.format.CaseException when text and images do not fit together
     */
    static ChatPrompt of(PromptEncoder encoder, String name, String prefix, String instruction, List<Path> images) {
        Encoded encoded = encoder.encode(name, prefix, instruction, images);
        return new ChatPrompt(name, parts(name, prefix + instruction, images), encoded);
    }

    private static List<Part> parts(String name, String text, List<Path> images) {
        boolean framed = text.startsWith(OPENING)
                && text.endsWith(CLOSING)
                && text.length() >= OPENING.length() + CLOSING.length();
        String inner = framed ? text.substring(OPENING.length(), text.length() - CLOSING.length()) : "";
        if (!framed || inner.contains(Markup.TURN_START) || inner.contains(Markup.TURN_END)) {
            throw new ModelException(name + ": a vLLM server can sample prompts of one user's turn only");
        }
        List<Part> parts = new ArrayList<>();
        Iterator<Path> files = images.iterator();
        int at = 0;
        while (at < inner.length()) {
            int image = inner.indexOf(IMAGE, at);
            int end = image < 0 ? inner.length() : image;
            if (end > at) {
                parts.add(new Part.Text(inner.substring(at, end)));
            }
            if (image >= 0 && files.hasNext()) {
                parts.add(new Part.Image(files.next()));
            }
            at = image < 0 ? end : image + IMAGE.length();
        }
        return parts;
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
