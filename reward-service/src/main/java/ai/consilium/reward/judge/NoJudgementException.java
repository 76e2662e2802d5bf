package ai.consilium.reward.judge;

/** A judge was asked, or could not be, and there is no verdict; another try would not bring one. The message says why. */
final class NoJudgementException extends Exception {
    private static final long serialVersionUID = 1L;

    NoJudgementException(String reason) {
        super(reason);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
