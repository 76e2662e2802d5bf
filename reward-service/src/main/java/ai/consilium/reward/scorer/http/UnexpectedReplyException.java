package ai.consilium.reward.scorer.http;

/** A reply that is not one of the protocol; the message says what is missing. */
final class UnexpectedReplyException extends Exception {
    private static final long serialVersionUID = 1L;

    UnexpectedReplyException(String message) {
        super(message);
    }
}
