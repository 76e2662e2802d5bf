package ai.consilium.platform.adapter;

import ai.consilium.schemas.PolicyUpdate;

/** The log holds another adapter than a policy update names. */
public final class AdapterMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AdapterMismatchException(PolicyUpdate update, String difference) {
        super("adapter " + AdapterLog.name(update) + " is not the one that was published: " + difference);
    }
}
