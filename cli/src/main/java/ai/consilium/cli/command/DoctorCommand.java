package ai.consilium.cli.command;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.doctor.Doctor;
import ai.consilium.cli.doctor.Finding;
import ai.consilium.cli.doctor.Finding.Status;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code consilium doctor}: what a run would need, looked at before it is started. */
@Command(
        name = "doctor",
        description = {
            "Looks at machine, model, prompts, scorers, cases, ports and cluster as a run with this configuration would",
            "need them, and says what to do. Changes nothing. Exit 0: a run would go; 1: it would not."
        },
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private OutputOption output;

    @Option(names = "--cases", paramLabel = "DIR", description = "The cases that would be trained on, as for train.")
    private @Nullable String cases;

    @Override
    public Integer call() throws Exception {
        List<String> root = cases == null ? List.of() : List.of("data_root=" + LocalFiles.setting(cases));
        List<Finding> findings =
                new Doctor(options.load(root, cases != null).config(), options.base(), Path.of("runs")).examine();
        output.print(spec.commandLine().getOut(), findings, table -> findings.forEach(found -> print(table, found)));
        return findings.stream().anyMatch(found -> found.status() == Status.PROBLEM) ? 1 : 0;
    }

    private static void print(PrintWriter table, Finding found) {
        table.println(String.format(
                Locale.ROOT,
                "%-8s %-11s %s",
                found.status().name().toLowerCase(Locale.ROOT),
                found.subject(),
                found.detail().replace("\n", "\n" + " ".repeat(21))));
        if (found.advice() != null) {
            table.println(" ".repeat(21) + "-> " + found.advice());
        }
    }
}
