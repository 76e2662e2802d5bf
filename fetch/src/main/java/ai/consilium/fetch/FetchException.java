package ai.consilium.fetch;

import java.io.IOException;

/** Files that cannot be had, and will not be by asking again. The message names the source and the file, and holds no secret. */
public final class FetchException extends IOException {
    private static final long serialVersionUID = 1L;

    FetchException(String message) {
        super(message);
    }

    FetchException(String message, Throwable cause) {
        super(message, cause);
    }
}
