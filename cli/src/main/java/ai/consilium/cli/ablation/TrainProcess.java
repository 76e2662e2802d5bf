package ai.consilium.cli.ablation;

import ai.consilium.cli.progress.Interruption;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code consilium train} in a process of its own, as this one was started, so that its end is not ours. */
final class TrainProcess {
    /** Of the command line, which this package must not know. */
    private static final String MAIN = "ai.consilium.cli.Consilium";

    /** Less than what an interrupted process has to end; what is killed can be resumed too. */
    private static final long PATIENCE_SECONDS = 50;

    private TrainProcess() {}

    /**
     * Runs it to its end, or until this process is interrupted, which it is then told.
     *
     * @param arguments of the command line
     * @param log what it prints is added to it
     * @param waiting is called now and then
     * @return exit code
     */
    static int run(List<String> arguments, Path log, Interruption interruption, Runnable waiting)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(arguments))
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        try {
            while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
                if (interruption.asked()) {
                    process.destroy();
                    process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    break;
                }
                waiting.run();
            }
        } finally {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    private static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
        command.addAll(arguments);
        return command;
    }

    /** What it said last, in its own words if it ended by them. */
    static String lastWords(Path log) throws IOException {
        List<String> lines =
                Files.readAllLines(log).stream().filter(line -> !line.isBlank()).toList();
        return lines.stream()
                .filter(line -> line.startsWith("consilium: "))
                .reduce((first, second) -> second)
                .or(() -> lines.stream().reduce((first, second) -> second))
                .orElse("it printed nothing");
    }
}
