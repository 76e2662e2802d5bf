package ai.consilium.platform;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Calls of services of others: bounded in size, to addresses that hold no secret. The caller bounds the time. */
public final class RemoteHttp {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private RemoteHttp() {}

    /** A client: no redirects, since they would carry headers to another host. */
    public static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /**
     * Sends a request. Whoever waits for the reply should bound the time, and cancel it afterwards: a request's own timeout
     * ends with the reply's head and lets a body drip in forever.
     *
     * @param mostBytes of the body; a longer one fails the reply with an {@link IOException} that {@link #tooLong} knows
     */
    public static CompletableFuture<HttpResponse<byte[]>> send(HttpClient client, HttpRequest request, int mostBytes) {
        return client.sendAsync(request, head -> new BoundedBody(mostBytes));
    }

    /** Whether a reply failed because its body was too long. */
    public static boolean tooLong(@Nullable Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof BoundedBody.TooLong) {
                return true;
            }
        }
        return false;
    }

    /** Why no reply came, for people. */
    public static String reason(@Nullable Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof BoundedBody.TooLong) {
                return String.valueOf(at.getMessage());
            }
            if (at instanceof ConnectException) {
                return "cannot connect";
            }
        }
        String kind = failure instanceof IOException ? "" : "failed: ";
        return kind + failure;
    }

    /**
     * Refuses an address that is not plainly http or https; credentials in it would end in records and logs.
     *
     * @param key of the configuration
     * @param instead where credentials belong
     * @throws IllegalArgumentException naming the key
     */
    public static URI requireUrl(String key, String url, String instead) {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException broken) {
            throw new IllegalArgumentException(key + ": '" + url + "' is not a valid URL", broken);
        }
        boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!web || uri.getHost() == null) {
            throw new IllegalArgumentException(
                    key + ": must be http://HOST/... or https://HOST/..., not '" + url + "'");
        }
        if (uri.getUserInfo() != null) {
            throw new IllegalArgumentException(key + ": must not contain credentials; use " + instead);
        }
        return uri;
    }
}
