package ai.consilium.platform.config;

import java.util.regex.Pattern;

/** Which values no one shall read in a log or on a screen. */
public final class Secrets {
    /** What is shown instead. */
    static final String HIDDEN = "[hidden]";

    private static final Pattern KEYS =
            Pattern.compile("(?i).*(password|secret|jaas|credential|user\\.info|token$|key$|webhook$).*");
    private static final Pattern USER_IN_URL = Pattern.compile("://[^/@\\s]+@");

    private Secrets() {}

    /** Whether values under this key are hidden; tells {@code api_token} from {@code max_completion_tokens}. */
    public static boolean hides(String key) {
        return KEYS.matcher(key).matches();
    }

    /** A value as it may be shown: without what stands for a user in an address. */
    static String shown(String key, String value) {
        if (hides(key)) {
            return value.isEmpty() ? value : HIDDEN;
        }
        return withoutUser(value);
    }

    /** An address without the user and password that may stand in it. */
    public static String withoutUser(String url) {
        return USER_IN_URL.matcher(url).replaceAll("://" + HIDDEN + "@");
    }
}
