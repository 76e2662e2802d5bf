package ai.consilium.fetch;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What a source holds: {@code SHA256SUMS} in its root, in the format of {@code sha256sum}. Only what is listed is fetched.
 *
 * @param sha256ByPath lower-case hex, by path below the root, with slashes
 */
record FileList(SortedMap<String, String> sha256ByPath) {
    /** Its name in the root. */
    static final String NAME = "SHA256SUMS";

    private static final Pattern LINE = Pattern.compile("([0-9A-Fa-f]{64}) [ *](.+)");
    /** Control characters, and what turns the writing direction: names reach terminals and logs. */
    private static final String UNSEEN = "\\p{Cc}\\u2028\\u2029\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069";

    private static final Pattern PART = Pattern.compile("[^/\\\\" + UNSEEN + "]{1,255}");

    /**
     * Reads a list.
     *
     * @param source that messages name
     * @throws FetchException naming the first line that cannot be used
     */
    static FileList parse(String source, byte[] bytes) throws FetchException {
        TreeMap<String, String> files = new TreeMap<>();
        List<String> lines = text(source, bytes).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String where = source + ": " + NAME + ", line " + (i + 1) + ": ";
            if (lines.get(i).isBlank()) {
                continue;
            }
            Matcher line = LINE.matcher(lines.get(i));
            if (!line.matches()) {
                throw new FetchException(where + "is not a SHA-256, two spaces and a path, as sha256sum writes them");
            }
            // find . -type f | xargs sha256sum writes paths so.
            String path = line.group(2).startsWith("./") ? line.group(2).substring(2) : line.group(2);
            requireBelow(where, line.group(2), path);
            // Whoever sums up a directory with the list in it lists that too; no list holds its own hash.
            if (!path.equals(NAME)) {
                String hash = line.group(1).toLowerCase(Locale.ROOT);
                String other = files.putIfAbsent(path, hash);
                if (other != null && !other.equals(hash)) {
                    throw new FetchException(where + "'" + path + "' is listed before with another hash");
                }
            }
        }
        requireFiles(source, files);
        return new FileList(files);
    }

    private static String text(String source, byte[] bytes) throws FetchException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new FetchException(source + ": " + NAME + " is not UTF-8 text", e);
        }
    }

    private static void requireBelow(String where, String written, String path) throws FetchException {
        for (String part : path.split("/", -1)) {
            if (part.equals(".") || part.equals("..") || !PART.matcher(part).matches()) {
                throw new FetchException(where + "'" + written.replaceAll("[" + UNSEEN + "]", "?")
                        + "' is no plain path below the root, which is all that is fetched");
            }
        }
    }

    private static void requireFiles(String source, TreeMap<String, String> files) throws FetchException {
        if (files.isEmpty()) {
            throw new FetchException(source + ": " + NAME + " lists no file");
        }
        for (String path : files.keySet()) {
            String below = files.higherKey(path + "/");
            if (below != null && below.startsWith(path + "/")) {
                throw new FetchException(source + ": " + NAME + " lists '" + path + "' as a file and as a directory");
            }
        }
    }

    /** Paths by hash: files that are alike are fetched once. */
    Map<String, List<String>> pathsBySha256() {
        Map<String, List<String>> paths = new TreeMap<>();
        sha256ByPath.forEach((path, hash) ->
                paths.computeIfAbsent(hash, none -> new ArrayList<>()).add(path));
        return paths;
    }

    /** As it is written, in the order of paths. */
    String text() {
        StringBuilder text = new StringBuilder();
        sha256ByPath.forEach(
                (path, hash) -> text.append(hash).append("  ").append(path).append('\n'));
        return text.toString();
    }

    /** SHA-256 (hex) of the list, and so of everything that it lists. */
    String sha256() {
        return DigestUtils.sha256Hex(text());
    }
}
