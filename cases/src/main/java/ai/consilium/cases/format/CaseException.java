package ai.consilium.cases.format;

/** A case file that cannot be used: one line that names file, line and field. */
public sealed class CaseException extends RuntimeException permits CaseFileMismatchException {
    private static final long serialVersionUID = 1L;

    /** With the whole story. */
    public CaseException(String message) {
        super(message);
    }

    /** With the whole story and its cause. */
    public CaseException(String message, Throwable cause) {
        super(message, cause);
    }
}
