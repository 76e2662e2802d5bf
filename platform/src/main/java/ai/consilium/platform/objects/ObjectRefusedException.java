package ai.consilium.platform.objects;

import java.io.IOException;

/** A server that was reached and says no: asked again, it would say the same. */
public final class ObjectRefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int OUT_OF_RANGE = 416;

    private final int status;

    ObjectRefusedException(String message, int status, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** Whether a part was asked for that begins beyond the end of the object. */
    public boolean beyondEnd() {
        return status == OUT_OF_RANGE;
    }
}
