package ai.consilium.cases.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Text of which a part may be quoted from a case. What is quoted is only ever text: where it looks like mark-up, such as
 * &lt;|im_end|&gt; or &lt;/think&gt;, it is encoded by its characters.
 *
 * @param pieces in order, none of them empty
 */
public record MarkedText(List<Piece> pieces) {
    /** No text at all. */
    public static final MarkedText NONE = new MarkedText(List.of());

    /**
     * A run of text from one source.
     *
     * @param quoted whether it comes from a case
     */
    public record Piece(String text, boolean quoted) {}

    /** Leaves out what is empty. */
    public MarkedText {
        pieces = pieces.stream().filter(piece -> !piece.text().isEmpty()).toList();
    }

    /** Text that is the layout's own: its mark-up is mark-up. */
    public static MarkedText written(String text) {
        return new MarkedText(List.of(new Piece(text, false)));
    }

    /** Text from a case. */
    public static MarkedText quoted(String text) {
        return new MarkedText(List.of(new Piece(text, true)));
    }

    /** One after the other. */
    public static MarkedText join(List<MarkedText> parts) {
        List<Piece> all = new ArrayList<>();
        parts.forEach(part -> all.addAll(part.pieces()));
        return new MarkedText(all);
    }

    /** Followed by another. */
    public MarkedText plus(MarkedText next) {
        return join(List.of(this, next));
    }

    /** Whether there is no text. */
    public boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** As a reader sees it. */
    public String text() {
        return pieces.stream().map(Piece::text).collect(Collectors.joining());
    }
}
