package ai.consilium.inference.prompt;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.policy.image.ImageDecoder;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor.Pixels;
import ai.consilium.policy.model.ModelDirectory;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/** Turns a case into what the model reads; images are processed once and kept. Thread-safe. */
public final class PromptEncoder {
    private static final long PIXEL_CACHE_BYTES = 128L << 20;
    /** A group's case is asked for once per sample, by the workers and again by its learner. */
    private static final int CASES_KEPT = 512;

    /** An image is as many marks as it has features. */
    private static final Pattern PADS = Pattern.compile("(<\\|image_pad\\|>)(\\s*\\1)*");

    private final ModelDirectory model;
    private final ChatEncoder chat;
    private final PromptLayout layout;
    private final CaseLibrary library;
    private final ImageSettings imageSettings;
    private final PixelCache pixels;
    private final Cache<CaseKey, ChatEncoder.Group> kept =
            CacheBuilder.newBuilder().maximumSize(CASES_KEPT).build();

    private record CaseKey(String file, Case of) {}

    /**
     * A prompt ready to sample or train.
     *
     * @param prefix common prefix of the group
     * @param instruction tokens that the perspective adds, and what opens the assistant's turn
     * @param hash SHA-256 of all prompt token ids, little-endian int32: what Trajectory.promptHash holds
     */
    public record Encoded(EncodedPrompt prefix, int[] instruction, String hash) {}

    /**
     * Over a model's tokenizer and image processor.
     *
     * @param imageSettings how pictures are read
     * @throws ai.consilium.policy.ModelException without image token
     */
    public PromptEncoder(ModelDirectory model, PromptLayout layout, CaseLibrary library, ImageSettings imageSettings) {
        this.model = model;
        this.chat = new ChatEncoder(model);
        this.layout = layout;
        this.library = library;
        this.imageSettings = imageSettings;
        this.pixels = new PixelCache(PIXEL_CACHE_BYTES, image -> model.images().process(image, imageSettings));
    }

    /**
     * A case of a file, asked under a perspective. The prefix is what the prompts of all perspectives have in common.
     *
     * @throws CaseException for an unknown perspective, or when text and images do not fit together
     * @throws ai.consilium.policy.ModelException for an image that cannot be used
     */
    public Encoded encode(String file, Case of, String perspective) {
        int index = layout.perspectives().indexOf(perspective);
        if (index < 0) {
            // Says which are known.
            layout.prompt(of, perspective);
        }
        CaseKey key = new CaseKey(file, of);
        ChatEncoder.Group group = kept.getIfPresent(key);
        if (group == null) {
            group = chat.encode(layout.perspectives().stream()
                    .map(each -> layout.prompt(of, each))
                    .toList());
            kept.put(key, group);
        }
        EncodedPrompt prefix = prefix("case " + of.id(), group.prefix(), library.images(file, of));
        return encoded(prefix, group.rests().get(index));
    }

    /**
     * The prompts of a group, in order.
     *
     * @param name for errors
     * @param images files, in the order of their placeholders; the same for all
     * @throws CaseException when text and images do not fit together
     * @throws ai.consilium.policy.ModelException for an image that cannot be used
     */
    public List<Encoded> encode(String name, List<PromptText> prompts, List<Path> images) {
        List<PromptText> distinct = prompts.stream().distinct().toList();
        ChatEncoder.Group group = chat.encode(distinct);
        EncodedPrompt prefix = prefix(name, group.prefix(), images);
        List<Encoded> encoded = new ArrayList<>();
        group.rests().forEach(rest -> encoded.add(encoded(prefix, rest)));
        return prompts.stream()
                .map(prompt -> encoded.get(distinct.indexOf(prompt)))
                .toList();
    }

    private EncodedPrompt prefix(String name, int[] ids, List<Path> files) {
        List<Pixels> images = files.stream().map(pixels::get).toList();
        return new EncodedPrompt(chat.expand(name, ids, images), images);
    }

    private static Encoded encoded(EncodedPrompt prefix, int[] rest) {
        return new Encoded(prefix, rest, hash(prefix.tokens(), rest));
    }

    /** The completion that domain-specific adaptation imitates, as tokens. @throws CaseException for an unknown perspective */
    public int[] trace(Case of, String perspective) {
        return chat.encode(layout.completion(of, perspective));
    }

    /** A completion's tokens. */
    public int[] completion(MarkedText text) {
        return chat.encode(text);
    }

    /** A completion's text. */
    public String text(int[] tokens) {
        return chat.decode(tokens);
    }

    /** A prompt as it is read back from its ids: what the model sees, but that each image is one mark. */
    public String shown(Encoded prompt) {
        return PADS.matcher(text(prompt.prefix().tokens()) + text(prompt.instruction()))
                .replaceAll("$1");
    }

    /** Prompts and completions without cases. */
    public ChatEncoder chat() {
        return chat;
    }

    /** What ends a completion, as its text has it. */
    public List<String> endTokens() {
        return model.stopTokens().texts(model.tokenizer());
    }

    /** A picture as another program must be given it to see what the model here sees. @throws ai.consilium.policy.ModelException */
    public byte[] portable(Path image) {
        return ImageDecoder.portable(image, imageSettings);
    }

    /** The model that the encoding is for. */
    public ModelDirectory model() {
        return model;
    }

    /** How cases are put. */
    public PromptLayout layout() {
        return layout;
    }

    /** SHA-256 (hex) of prefix and instruction as one run of little-endian int32. */
    public static String hash(int[] prefix, int[] instruction) {
        ByteBuffer bytes = ByteBuffer.allocate((prefix.length + instruction.length) * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(prefix).put(instruction);
        return DigestUtils.sha256Hex(bytes.array());
    }
}
