package ai.consilium.inference.prompt;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.PromptText;
import ai.consilium.policy.input.ChatTemplate;
import ai.consilium.policy.input.ChatTemplate.Segment;
import ai.consilium.policy.input.ImageProcessor.Pixels;
import ai.consilium.policy.input.TextSpan;
import ai.consilium.policy.input.Tokenizer;
import ai.consilium.policy.model.ModelDirectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Turns prompts and completions into a model's token ids, by its chat template and tokenizer. Thread-safe. */
public final class ChatEncoder {
    private static final String IMAGE_PAD = "<|image_pad|>";
    /** What stands for a character of which some bytes are missing. */
    private static final String BROKEN = "\ufffd";

    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final int mergeSize;
    private final int imagePad;

    /**
     * Prompts of a group.
     *
     * @param prefix ids that all begin with, one image placeholder per image
     * @param rests ids that follow it, in the order of the prompts; none is empty
     */
    public record Group(int[] prefix, List<int[]> rests) {
        public Group {
            rests = List.copyOf(rests);
        }
    }

    /** Over a model. @throws ai.consilium.policy.ModelException when its vocabulary has no image token */
    public ChatEncoder(ModelDirectory model) {
        this(model.tokenizer(), model.chat(), model.mergeSize());
    }

    ChatEncoder(Tokenizer tokenizer, ChatTemplate template, int mergeSize) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.mergeSize = mergeSize;
        this.imagePad = tokenizer.id(IMAGE_PAD);
    }

    /**
     * Ids of a prompt, as the model's own processor gives them, but that quoted text is text whatever it looks like; one image
     * placeholder per image.
     *
     * @throws ai.consilium.policy.ModelException when the chat template has no place for a part of it
     */
    public int[] encode(PromptText prompt) {
        List<TextSpan> spans = new ArrayList<>();
        for (Segment segment : segments(prompt)) {
            if (segment instanceof Segment.Markup markup) {
                spans.add(new TextSpan(markup.text(), false));
            } else {
                spans.addAll(spans(segment instanceof Segment.SystemText ? prompt.system() : prompt.user()));
            }
        }
        return tokenizer.encode(spans);
    }

    /** The same prompt as other programs read it: its text at once, in which quoted text may become mark-up. */
    public int[] encodeUnguarded(PromptText prompt) {
        StringBuilder text = new StringBuilder();
        for (Segment segment : segments(prompt)) {
            text.append(
                    segment instanceof Segment.Markup markup
                            ? markup.text()
                            : (segment instanceof Segment.SystemText ? prompt.system() : prompt.user()).text());
        }
        return tokenizer.encode(text.toString());
    }

    private List<Segment> segments(PromptText prompt) {
        return template.prompt(!prompt.system().isEmpty(), prompt.images());
    }

    /** Ids of a completion. */
    public int[] encode(MarkedText completion) {
        return tokenizer.encode(spans(completion));
    }

    /** A completion's text. */
    public String decode(int[] tokens) {
        return tokenizer.decode(tokens);
    }

    /**
     * The text of each token of a completion: together they are its text. A token that only begins a character has none; the
     * one that ends it has the character.
     */
    public List<String> pieces(int[] tokens) {
        List<String> pieces = new ArrayList<>(tokens.length);
        // Decoders join and space tokens by their neighbours: each is read behind those of the piece before.
        int from = 0;
        int told = 0;
        for (int end = 1; end <= tokens.length; end++) {
            String before = decode(Arrays.copyOfRange(tokens, from, told));
            String with = decode(Arrays.copyOfRange(tokens, from, end));
            boolean whole = with.length() > before.length() && !with.endsWith(BROKEN) || end == tokens.length;
            pieces.add(whole ? with.substring(Math.min(before.length(), with.length())) : "");
            if (whole) {
                from = told;
                told = end;
            }
        }
        return pieces;
    }

    private static List<TextSpan> spans(MarkedText text) {
        return text.pieces().stream()
                .map(piece -> new TextSpan(piece.text(), piece.quoted()))
                .toList();
    }

    /** Divides prompts into what they have in common and what each adds: at least its last id. */
    public Group encode(List<PromptText> prompts) {
        List<int[]> ids = prompts.stream().map(this::encode).toList();
        int[] first = ids.get(0);
        int common = first.length - 1;
        for (int[] other : ids) {
            int mismatch = Arrays.mismatch(first, other);
            int shared = mismatch < 0 ? other.length : mismatch;
            common = Math.min(common, Math.min(shared, other.length - 1));
        }
        int length = common;
        return new Group(
                Arrays.copyOf(first, length),
                ids.stream()
                        .map(each -> Arrays.copyOfRange(each, length, each.length))
                        .toList());
    }

    /**
     * Puts as many placeholders in place of the i-th one as the i-th image has tokens.
     *
     * @param name for errors
     * @throws CaseException when text and images do not fit together
     */
    public int[] expand(String name, int[] ids, List<Pixels> images) {
        int[] tokensOfImage = images.stream()
                .mapToInt(image -> image.gridT() * image.gridH() * image.gridW() / (mergeSize * mergeSize))
                .toArray();
        return expand(name, ids, imagePad, tokensOfImage);
    }

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
}
