package ai.consilium.platform.chat;

/** No answer came. The message says why, in one line for people; it holds no key. */
public final class ChatException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What the caller may do about it. */
    public enum Kind {
        /** Nothing that is sent this way can be answered: wrong address, key or model. */
        SETUP,
        /** This request is not taken, or its reply cannot be used; others may be. */
        REQUEST,
        /** No reply after every try. */
        OUTAGE,
        /** What may be spent is spent; nothing was sent. */
        BUDGET
    }

    private final Kind kind;

    ChatException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** What the caller may do about it. */
    public Kind kind() {
        return kind;
    }

    /** The message, which is always there. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
