package ai.consilium.fetch;

import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.objects.S3Location;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Where files are fetched from, as the configuration names it. It holds no secret: one that does is refused. */
public sealed interface SourceAddress {
    /** A directory of a web server. @param root ends with a slash */
    record Web(URI root) implements SourceAddress {
        @Override
        public String toString() {
            return root.toString();
        }
    }

    /** A part of a bucket. */
    record Bucket(S3Location location) implements SourceAddress {
        @Override
        public String toString() {
            return location.toString();
        }
    }

    /** Anything that begins with the name of a protocol; a directory does not. */
    Pattern ADDRESS = Pattern.compile("(?:[A-Za-z][A-Za-z0-9+.-]+:/|(?:s3|https?):).*", Pattern.CASE_INSENSITIVE);

    /** Whether it is written as an address, well or not, and not as a directory. */
    static boolean meantBy(String text) {
        return ADDRESS.matcher(text).matches();
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException saying, after the key, what is wrong with it; secrets in it are not repeated
     */
    static SourceAddress parse(String text) {
        String protocol = text.substring(0, Math.max(0, text.indexOf(':'))).toLowerCase(Locale.ROOT);
        return switch (protocol) {
            case "http", "https" -> web(text);
            case "s3" ->
                new Bucket(S3Location.parse(text)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "must be s3://BUCKET/PREFIX; a prefix has letters, digits and !_.*'()=- in it")));
            default ->
                throw new IllegalArgumentException(
                        "must be a directory, https://HOST/PATH or s3://BUCKET/PREFIX; what begins with " + protocol
                                + ": is none of them");
        };
    }

    private static Web web(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // The whole of it is not repeated: a password may stand in it.
            throw new IllegalArgumentException("is not a valid address: " + e.getReason(), e);
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "must have no user, password, query or fragment in it; fetch.token_env names an environment variable"
                            + " that holds a token, or user:password");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("must be https://HOST/PATH");
        }
        String path = uri.getRawPath().endsWith("/") ? uri.getRawPath() : uri.getRawPath() + "/";
        if (path.matches("(?i).*/(\\.|%2e){1,2}/.*")) {
            throw new IllegalArgumentException("must not have . or .. in its path");
        }
        AddressGuard.strict().problemAsWritten(uri.getHost()).ifPresent(problem -> {
            throw new IllegalArgumentException("must be another address: " + problem);
        });
        return new Web(URI.create(uri.getScheme().toLowerCase(Locale.ROOT) + "://" + uri.getRawAuthority() + path));
    }

    /** What a directory with these files is called: the last part of the address. */
    default String name() {
        String path = toString()
                .replaceFirst("^[a-z0-9]+://", "")
                .replaceFirst("/+$", "")
                .replaceFirst(".*/", "");
        String name = path.replaceAll("[^A-Za-z0-9._-]", "_");
        return name.matches("\\.*") ? "files" : name;
    }
}
