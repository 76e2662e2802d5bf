package ai.consilium.cli.directory;

import java.nio.file.Path;

/** A text as one word of a command line that a person can paste into a POSIX shell. */
public final class ShellWord {
    private ShellWord() {}

    /** The path as it is, or in single quotes when it contains anything that a shell would take apart. */
    public static String of(Path path) {
        return of(path.toString());
    }

    /** The text as it is, or in single quotes when it contains anything that a shell would take apart. */
    public static String of(String text) {
        return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
