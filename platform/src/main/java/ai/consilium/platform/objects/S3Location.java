package ai.consilium.platform.objects;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a bucket.
 *
 * @param bucket its name
 * @param prefix of the names of its objects, without slashes around it; may be empty
 */
public record S3Location(String bucket, String prefix) {
    private static final Pattern WRITTEN = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*?))?/*");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9!_.*'()=-]+(/[A-Za-z0-9!_.*'()=-]+)*|");

    /** Whether it is written as one, well or not. */
    public static boolean meantBy(String text) {
        return text.startsWith("s3:");
    }

    /** Reads {@code s3://bucket/prefix}; empty when it is none. */
    public static Optional<S3Location> parse(String text) {
        Matcher matcher = WRITTEN.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String prefix = matcher.group(2) == null ? "" : matcher.group(2);
        return PREFIX.matcher(prefix).matches() && !prefix.matches("(.*/)?\\.\\.?(/.*)?")
                ? Optional.of(new S3Location(matcher.group(1), prefix))
                : Optional.empty();
    }

    /** A part of this part. */
    public S3Location resolve(String name) {
        return new S3Location(bucket, prefix.isEmpty() ? name : prefix + "/" + name);
    }

    /** As it was written. */
    @Override
    public String toString() {
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
    }
}
