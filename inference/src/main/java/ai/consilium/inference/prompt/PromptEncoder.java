package ai.consilium.inference.prompt;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor.Pixels;
import ai.consilium.policy.input.Tokenizer;
import ai.consilium.policy.model.ModelDirectory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;

/** Turns a case into what the model reads; images are processed once and kept. Thread-safe. */
public final class PromptEncoder {
    private static final String IMAGE_PAD = "<|image_pad|>";
    private static final long PIXEL_CACHE_BYTES = 128L << 20;

    private final ModelDirectory model;
    private final Tokenizer tokenizer;
    private final CaseLibrary library;
    private final PixelCache pixels;

    /**
     * A prompt ready to sample or train.
     *
     * @param prefix common prefix of the group
     * @param instruction tokens that the perspective adds
     * @param hash SHA-256 of all prompt token ids, little-endian int32: what Trajectory.promptHash holds
     */
    public record Encoded(EncodedPrompt prefix, int[] instruction, String hash) {}

    /**
     * Over a model's tokenizer and image processor.
     *
     * @param imagePixels the most that a picture's file may hold
     * @throws ai.consilium.policy.ModelException without image token
     */
    public PromptEncoder(ModelDirectory model, CaseLibrary library, long imagePixels) {
        this.model = model;
        this.tokenizer = model.tokenizer();
        this.library = library;
        this.pixels = new PixelCache(PIXEL_CACHE_BYTES, image -> model.images().process(image, imagePixels));
        // A vocabulary that lacks it is refused now, not at the first case.
        tokenizer.id(IMAGE_PAD);
    }

    /**
     * A case of a file, asked under a perspective.
     *
     * @throws CaseException for an unknown perspective, or when text and images do not fit together
     * @throws ai.consilium.policy.ModelException for an image that cannot be used
     */
    public Encoded encode(String file, Case of, String perspective) {
        PromptText text = PromptText.of(of, perspective);
        return encode("case " + of.id(), text.prefix(), text.instruction(), library.images(file, of));
    }

    /**
     * A prompt that is text already.
     *
     * @param name for errors
     * @param images files, in the order of the prefix's placeholders
     * @throws CaseException when text and images do not fit together
     * @throws ai.consilium.policy.ModelException for an image that cannot be used
     */
    public Encoded encode(String name, String prefix, String instruction, List<Path> images) {
        EncodedPrompt encoded =
                expand(name, model, prefix, images.stream().map(pixels::get).toList());
        int[] added = tokenizer.encode(instruction);
        return new Encoded(encoded, added, hash(encoded.tokens(), added));
    }

    /** A completion's tokens. */
    public int[] completion(String text) {
        return tokenizer.encode(text);
    }

    /** A completion's text. */
    public String text(int[] tokens) {
        return tokenizer.decode(tokens);
    }

    /** The model that the encoding is for. */
    public ModelDirectory model() {
        return model;
    }

    /**
     * A prefix that belongs to no case: tokens with image placeholders expanded, after what opens a chat with the model.
     *
     * @param name for errors
     * @throws CaseException when text and images do not fit together
     */
    public static EncodedPrompt expand(String name, ModelDirectory model, String prefix, List<Pixels> images) {
        Tokenizer tokenizer = model.tokenizer();
        int side = model.config().vision().merge();
        int[] tokensOfImage = images.stream()
                .mapToInt(image -> image.gridT() * image.gridH() * image.gridW() / (side * side))
                .toArray();
        int[] tokens =
                expand(name, tokenizer.encode(model.chat().opening() + prefix), tokenizer.id(IMAGE_PAD), tokensOfImage);
        return new EncodedPrompt(tokens, images);
    }

    /** Puts as many pads in place of the i-th one as the i-th image has tokens. */
    static int[] expand(String name, int[] ids, int pad, int[] tokensOfImage) {
        long placeholders = Arrays.stream(ids).filter(id -> id == pad).count();
        if (placeholders != tokensOfImage.length) {
            throw new CaseException(
                    name + " has " + tokensOfImage.length + " images, but its text has room for " + placeholders);
        }
        int padding = Arrays.stream(tokensOfImage).sum() - tokensOfImage.length;
        int[] expanded = new int[ids.length + padding];
        int to = 0;
        int image = 0;
        for (int id : ids) {
            int times = id == pad ? tokensOfImage[image++] : 1;
            Arrays.fill(expanded, to, to + times, id);
            to += times;
        }
        return expanded;
    }

    /** SHA-256 (hex) of prefix and instruction as one run of little-endian int32. */
    public static String hash(int[] prefix, int[] instruction) {
        ByteBuffer bytes = ByteBuffer.allocate((prefix.length + instruction.length) * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(prefix).put(instruction);
        return DigestUtils.sha256Hex(bytes.array());
    }
}
