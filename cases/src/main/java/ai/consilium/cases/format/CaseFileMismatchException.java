package ai.consilium.cases.format;

/**
 * The run's case file is missing here, or is another one here: the fault of this host's data, not of the record that names the
 * file. Every other record of the run would meet the same.
 */
public final class CaseFileMismatchException extends CaseException {
    private static final long serialVersionUID = 1L;

    public CaseFileMismatchException(String message) {
        super(message);
    }

    public CaseFileMismatchException(String message, Throwable cause) {
        super(message, cause);
    }
}
