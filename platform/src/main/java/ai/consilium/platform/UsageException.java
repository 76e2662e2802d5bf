package ai.consilium.platform;

/**
 * Something that the person at the terminal can mend: a wrong key, file, line, port or address. The command line prints
 * the message on one line and exits with 2. The message names the key, the file and the line where there are such.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the whole story in one line. */
    public UsageException(String message) {
        super(message);
    }

    /** With the whole story in one line, and what lay under it for the debug log. */
    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
