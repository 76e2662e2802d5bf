package ai.consilium.platform.adapter;

import ai.consilium.schemas.PolicyUpdate;

/** The chunks of a published adapter are no longer on the log. */
public final class AdapterGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AdapterGoneException(PolicyUpdate update) {
        super("adapter " + AdapterLog.name(update)
                + " is no longer on the log; its learner publishes it again when it is started, if it has it");
    }
}
