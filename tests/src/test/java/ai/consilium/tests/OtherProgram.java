package ai.consilium.tests;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A program that may be installed: a test that wants one is skipped, by its name, where it is not. */
final class OtherProgram {
    private static final int PATIENCE_S = 120;

    private OtherProgram() {}

    /**
     * What a program did.
     *
     * @param code exit code; -1 where it is absent or too slow
     * @param text standard output
     * @param errors standard error
     */
    record Result(int code, String text, String errors) {}

    /** Skips the test where this does not end well. @param probe for example {@code helm version} */
    static void require(String... probe) throws InterruptedException {
        if (run(probe).code() != 0) {
            abort("'" + String.join(" ", probe) + "' does not run on this machine");
        }
    }

    /** Runs it to its end. */
    static Result run(String... command) throws InterruptedException {
        try {
            Path directory = Files.createTempDirectory("program");
            Path out = directory.resolve("out");
            Path err = directory.resolve("err");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    return new Result(-1, "", "no end within " + PATIENCE_S + " s");
                }
                return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
                Files.delete(directory);
            }
        } catch (IOException absent) {
            return new Result(-1, "", String.valueOf(absent.getMessage()));
        }
    }
}
