package ai.consilium.cli.command;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium cases simulate|check}. */
@Command(
        name = "cases",
        description = "Simulates cases, or checks a directory of cases.",
        mixinStandardHelpOptions = true,
        subcommands = {CasesCommand.Simulate.class, CasesCommand.Check.class})
public final class CasesCommand {
    /** Writes a directory of simulated cases. */
    @Command(
            name = "simulate",
            description = "Writes simulated cases: train.jsonl, val.jsonl, test.jsonl, images/. Settings: clinic.*",
            mixinStandardHelpOptions = true)
    static final class Simulate implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOptions options;

        @Option(names = "--out", required = true, paramLabel = "DIR", description = "New or empty directory.")
        private Path out;

        @Override
        public Integer call() throws IOException {
            ClinicSettings settings = options.load().config().clinic();
            if (Files.isDirectory(out)) {
                try (Stream<Path> inside = Files.list(out)) {
                    if (inside.findAny().isPresent()) {
                        throw new UsageException("--out: " + out + " is not empty");
                    }
                }
            }
            Clinic.write(out, settings);
            print(spec.commandLine().getOut(), out);
            return 0;
        }
    }

    /** Reads a directory as a run would. */
    @Command(
            name = "check",
            description = "Reads train.jsonl, val.jsonl and test.jsonl as a run would, and counts the cases.",
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "DIR", description = "Directory of cases.")
        private Path directory;

        @Override
        public Integer call() {
            print(spec.commandLine().getOut(), directory);
            return 0;
        }
    }

    private static void print(PrintWriter out, Path directory) {
        for (String name : CaseLibrary.FILES) {
            Path file = directory.resolve(name);
            CaseFile read = CaseFile.read(file);
            Map<String, Long> counts = read.cases().stream()
                    .collect(Collectors.groupingBy(Case::specialty, TreeMap::new, Collectors.counting()));
            boolean simulated = read.cases().stream().anyMatch(c -> c.source().equals(Clinic.SOURCE));
            out.println(file + ": " + read.cases().size() + (simulated ? " simulated" : "") + " cases " + counts);
        }
        out.flush();
    }
}
