package ai.consilium.reward.scorer;

/** A remote scorer gave no verdict for a reason that another try may mend: it is down, busy or too slow. */
public final class ScorerUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public ScorerUnavailableException(String reason) {
        super(reason);
    }

    /** Why. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
