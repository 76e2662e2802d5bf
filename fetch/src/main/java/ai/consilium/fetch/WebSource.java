package ai.consilium.fetch;

import ai.consilium.platform.AddressGuard;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files of a web server. Redirections are followed, as file servers send them: each to an address that is looked at anew, never
 * from https to http, and the token goes to the server that was named and no other. Of the JDK's clients this is the one that
 * bounds how long a server may be silent in the middle of a file.
 */
final class WebSource implements Source {
    private static final int REDIRECTIONS = 5;
    private static final Set<Integer> REDIRECTED = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> AGAIN = Set.of(408, 425, 429);
    private static final int PARTIAL = 206;
    private static final int OUT_OF_RANGE = 416;
    private static final int SERVER_FAULT = 500;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    private final URI root;
    private final Duration silence;
    private final @Nullable String authorization;
    private final AddressGuard guard = AddressGuard.strict();

    /**
     * Behind an address.
     *
     * @param token that the server asks for, or user:password; null: nothing
     * @param silence after which a server that sends nothing is given up
     * @throws FetchException when the token would be sent for everybody to read
     */
    WebSource(SourceAddress.Web address, @Nullable String token, Duration silence) throws FetchException {
        this.root = address.root();
        this.silence = silence;
        this.authorization = token == null ? null : authorization(token);
        if (token != null && !root.getScheme().equals("https") && !LOOPBACK.contains(root.getHost())) {
            throw new FetchException(
                    root + ": fetch.token_env: a token is sent by https only; give an https address, or no token");
        }
    }

    /** No token has a colon in it (RFC 6750); what stands before a password has (RFC 7617). */
    private static String authorization(String token) {
        return token.contains(":")
                ? "Basic " + Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8))
                : "Bearer " + token;
    }

    @Override
    public Rest open(String path, long from) throws IOException {
        String name = root + ": " + path + ": ";
        URI at = resolve(path);
        for (int i = 0; i <= REDIRECTIONS; i++) {
            HttpURLConnection connection = connect(name, at, from);
            int status = connection.getResponseCode();
            if (!REDIRECTED.contains(status)) {
                return rest(name, connection, status, from);
            }
            at = redirected(name, at, connection.getHeaderField("Location"));
            discard(connection);
        }
        throw new FetchException(name + "is redirected more than " + REDIRECTIONS + " times");
    }

    private URI resolve(String path) throws FetchException {
        try {
            return root.resolve(URI.create(new URI(null, null, "/" + path, null)
                    .toASCIIString()
                    .substring(1)
                    // What a path may hold as it is, and the first part of a relative address may not.
                    .replace(":", "%3A")));
        } catch (URISyntaxException e) {
            throw new FetchException(root + ": '" + path + "' cannot be asked for", e);
        }
    }

    private HttpURLConnection connect(String name, URI at, long from) throws IOException {
        requireAllowed(name, at.getHost());
        HttpURLConnection connection = (HttpURLConnection) at.toURL().openConnection();
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout((int) CONNECT.toMillis());
        connection.setReadTimeout((int) silence.toMillis());
        connection.setRequestProperty("User-Agent", "consilium");
        connection.setRequestProperty("Accept", "*/*");
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        if (authorization != null
                && at.getScheme().equals(root.getScheme())
                && at.getRawAuthority().equals(root.getRawAuthority())) {
            connection.setRequestProperty("Authorization", authorization);
        }
        return connection;
    }

    private void requireAllowed(String name, String host) throws IOException {
        Optional<String> problem;
        try {
            problem = guard.problem(host);
        } catch (UnknownHostException e) {
            throw new IOException("host " + host + " is not known", e);
        }
        if (problem.isPresent()) {
            throw new FetchException(name + problem.get());
        }
    }

    /** Where a redirection leads is not repeated in messages: it may be signed. */
    private static URI redirected(String name, URI from, @Nullable String location) throws FetchException {
        URI to;
        try {
            to = from.resolve(location == null ? "" : location);
        } catch (IllegalArgumentException e) {
            throw new FetchException(name + "is redirected to what is no address", e);
        }
        String scheme = to.getScheme() == null ? "" : to.getScheme().toLowerCase(Locale.ROOT);
        boolean web = scheme.equals("https")
                || scheme.equals("http") && from.getScheme().equals("http");
        if (location == null || !web || to.getHost() == null) {
            throw new FetchException(name + "is redirected to what is no address, or from https to another protocol");
        }
        return to;
    }

    private static Rest rest(String name, HttpURLConnection connection, int status, long from) throws IOException {
        if (status == HttpURLConnection.HTTP_OK) {
            return new Rest(connection.getInputStream(), 0, connection.getContentLengthLong());
        }
        if (status == PARTIAL && from > 0) {
            Matcher range = RANGE.matcher(String.valueOf(connection.getHeaderField("Content-Range")));
            if (range.matches() && Long.parseLong(range.group(1)) == from) {
                long length = range.group(2).equals("*") ? -1 : Long.parseLong(range.group(2));
                return new Rest(connection.getInputStream(), from, length);
            }
            connection.disconnect();
            throw new FetchException(name + "another part of the file was sent than was asked for");
        }
        discard(connection);
        if (status == OUT_OF_RANGE && from > 0) {
            return new Rest(InputStream.nullInputStream(), from, from);
        }
        if (status >= SERVER_FAULT || AGAIN.contains(status)) {
            throw new IOException("HTTP " + status);
        }
        throw new FetchException(name + "HTTP " + status + advice(status));
    }

    private static String advice(int status) {
        return switch (status) {
            case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                ": not allowed; fetch.token_env names an environment variable that holds a token, or user:password";
            case HttpURLConnection.HTTP_NOT_FOUND, HttpURLConnection.HTTP_GONE -> ": there is no such file";
            default -> "";
        };
    }

    /** A short body that is read to its end leaves the connection for the next request. */
    private static void discard(HttpURLConnection connection) {
        try (InputStream body = connection.getErrorStream()) {
            if (body != null) {
                body.readNBytes(1 << 16);
            }
        } catch (IOException e) {
            connection.disconnect();
        }
    }

    @Override
    public void close() {
        // Connections that are kept open are the JDK's.
    }
}
