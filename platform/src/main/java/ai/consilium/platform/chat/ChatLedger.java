package ai.consilium.platform.chat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What answers took, a line each, in a file that outlives the process: whoever starts again goes on from what is spent.
 * Processes may share it; each knows what the others spent before its own start. Thread-safe.
 */
public final class ChatLedger {
    private static final Pattern LINE = Pattern.compile("(\\d{1,15})\t(\\d{1,15})");

    /** Sums. */
    record Spent(long requests, long promptTokens, long completionTokens) {
        Spent plus(long prompt, long completion) {
            return new Spent(requests + 1, promptTokens + prompt, completionTokens + completion);
        }
    }

    private final Path file;

    /** In a file, which is made when it is needed. */
    public ChatLedger(Path file) {
        this.file = file;
    }

    /** What stands there; a line that a kill cut off does not count. */
    Spent spent() {
        Spent all = new Spent(0, 0, 0);
        try {
            for (String line : Files.readAllLines(file)) {
                Matcher entry = LINE.matcher(line);
                if (entry.matches()) {
                    all = all.plus(Long.parseLong(entry.group(1)), Long.parseLong(entry.group(2)));
                }
            }
            return all;
        } catch (NoSuchFileException first) {
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void add(ChatAnswer answer) {
        // The first line end closes what a kill may have cut off.
        String line = "\n" + answer.promptTokens() + "\t" + answer.completionTokens() + "\n";
        try {
            Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
            Files.write(
                    file,
                    line.getBytes(StandardCharsets.US_ASCII),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
