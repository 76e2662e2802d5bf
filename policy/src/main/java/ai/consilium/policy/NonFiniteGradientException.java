package ai.consilium.policy;

/** A step whose gradient is not finite. The trainer is as it was before the step. */
public final class NonFiniteGradientException extends ModelException {
    private static final long serialVersionUID = 1L;

    /** @param norm of the gradient */
    public NonFiniteGradientException(double norm) {
        super("the norm of the gradient is " + norm);
    }
}
