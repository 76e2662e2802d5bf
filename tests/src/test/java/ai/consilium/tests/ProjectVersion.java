package ai.consilium.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version in the root pom. */
final class ProjectVersion {
    private static final Pattern VERSION = Pattern.compile("<artifactId>consilium</artifactId>\\s*<version>([^<]+)<");

    private ProjectVersion() {}

    static String read() throws IOException {
        Matcher found = VERSION.matcher(Files.readString(Path.of("..", "pom.xml")));
        if (!found.find()) {
            throw new IllegalStateException("the root pom names no version");
        }
        return found.group(1);
    }
}
