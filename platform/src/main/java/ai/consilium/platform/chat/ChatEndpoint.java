package ai.consilium.platform.chat;

import ai.consilium.platform.RemoteHttp;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a model answers, and how patiently it is asked.
 *
 * @param url of the route chat/completions
 * @param key what proves who asks, or null: none is sent. It stands in no message, log or file
 * @param timeout of one try, from the request to the last byte of the reply
 * @param tries of a request that meets an outage, at least 1
 * @param backoff before the second try; it doubles with each
 * @param mostReplyBytes a longer reply is refused
 */
public record ChatEndpoint(
        URI url, @Nullable String key, Duration timeout, int tries, Duration backoff, int mostReplyBytes) {
    private static final String ROUTE = "/chat/completions";

    /** @throws IllegalArgumentException for a key that no header can carry; the message does not hold it */
    public ChatEndpoint {
        if (key != null && !isKey(key)) {
            throw new IllegalArgumentException(
                    "the key is empty or holds a space, a line end or another character that no key has");
        }
        if (tries < 1) {
            throw new IllegalArgumentException("tries must be at least 1, not " + tries);
        }
    }

    /** Whether a header can carry a text as a key. */
    public static boolean isKey(String text) {
        return !text.isEmpty() && text.chars().allMatch(symbol -> symbol > ' ' && symbol < 0x7F);
    }

    /**
     * The address of the route.
     *
     * @param option that names the address, for messages
     * @param base for example https://host/v1; the route itself is taken too
     * @param instead where credentials belong
     * @throws IllegalArgumentException naming the option
     */
    public static URI route(String option, String base, String instead) {
        URI uri = RemoteHttp.requireUrl(option, base.strip(), instead);
        String path = Objects.requireNonNullElse(uri.getRawPath(), "").replaceAll("/+$", "");
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return URI.create(
                uri.getScheme() + "://" + uri.getRawAuthority() + path + (path.endsWith(ROUTE) ? "" : ROUTE) + query);
    }

    /** The address without what stands behind its path, which may be a secret. */
    public String shown() {
        return url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
    }

    /** A text without the key. */
    String redacted(String text) {
        return key == null ? text : text.replace(key, "***");
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "ChatEndpoint[" + shown() + "]";
    }
}
