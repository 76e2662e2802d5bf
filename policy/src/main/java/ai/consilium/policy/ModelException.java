package ai.consilium.policy;

/** A model, adapter, tokenizer or image file that cannot be used; one line that names the file and what is wrong. */
public class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the whole story. */
    public ModelException(String message) {
        super(message);
    }

    /** With the whole story and its cause. */
    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
