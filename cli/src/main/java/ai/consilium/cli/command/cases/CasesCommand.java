package ai.consilium.cli.command.cases;

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
import picocli.CommandLine.Spec;

/** {@code consilium cases simulate|check|import|build}. */
@Command(
        name = "cases",
        description = "Simulates cases, checks, imports, or has a teacher write reasoning for them.",
        mixinStandardHelpOptions = true,
        subcommands = {
            CasesCommand.Simulate.class,
            CasesCheckCommand.class,
            CasesImportCommand.class,
            CasesBuildCommand.class
        })
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
            requireEmpty("--out", out);
            Clinic.write(out, settings);
            PrintWriter data = spec.commandLine().getOut();
            for (String name : CaseLibrary.FILES) {
                CaseFile read = CaseFile.read(out.resolve(name));
                Map<String, Long> counts = read.cases().stream()
                        .collect(Collectors.groupingBy(Case::specialty, TreeMap::new, Collectors.counting()));
                data.println(read.path() + ": " + read.cases().size() + " simulated cases " + counts);
            }
            data.flush();
            return 0;
        }
    }

    static void requireEmpty(String option, Path out) throws IOException {
        if (Files.isDirectory(out)) {
            try (Stream<Path> inside = Files.list(out)) {
                if (inside.findAny().isPresent()) {
                    throw new UsageException(option + ": " + out + " is not empty");
                }
            }
        } else if (Files.exists(out)) {
            throw new UsageException(option + ": " + out + " is a file");
        }
    }
}
