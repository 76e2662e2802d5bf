package ai.consilium.cli.command.cases;

import ai.consilium.cases.importing.CaseImport;
import ai.consilium.cases.importing.ImportReport;
import ai.consilium.cases.importing.Specialties;
import ai.consilium.cases.importing.SplitShares;
import ai.consilium.cases.importing.source.CaseSource;
import ai.consilium.cases.importing.source.CaseSources;
import ai.consilium.cases.importing.source.CsvTable;
import ai.consilium.cli.command.OutputOption;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium cases import}. */
@Command(
        name = "import",
        description =
                "Writes cases from files of a public data set, or from a table of your own (docs/CASES.md, Import).",
        mixinStandardHelpOptions = true)
final class CasesImportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "What it is; --list names them.")
    private @Nullable String name;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "SOURCE",
            description = "Its file, or the directory that holds it.")
    private @Nullable Path source;

    @Parameters(index = "2", arity = "0..1", paramLabel = "OUT", description = "New or empty directory.")
    private @Nullable Path out;

    @Option(names = "--list", description = "Lists the names, with the files that are read and the licence.")
    private boolean list;

    @Option(names = "--columns", paramLabel = "FILE", description = "Of csv: YAML file that says which column is what.")
    private @Nullable Path columns;

    @Option(
            names = "--specialties",
            paramLabel = "FILE",
            description =
                    "YAML file of the source's own words and the specialties that they mean; without it the words themselves are taken.")
    private @Nullable Path specialties;

    @Option(
            names = "--specialty",
            paramLabel = "NAME",
            description = "Specialty of every case that --specialties gives none.")
    private @Nullable String specialty;

    @Option(
            names = "--split",
            paramLabel = "TRAIN/VAL/TEST",
            defaultValue = "80/10/10",
            description =
                    "Shares of the three files (default: ${DEFAULT-VALUE}), by a hash of patient or image, else of the id: none is in two.")
    private String split = "";

    @Option(names = "--skip-bad", description = "Leaves malformed rows out instead of refusing the source.")
    private boolean skipBad;

    @Option(
            names = "--source-name",
            paramLabel = "TEXT",
            description = "What the cases give as their source (default: NAME).")
    private @Nullable String sourceName;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() throws IOException {
        PrintWriter data = spec.commandLine().getOut();
        if (list) {
            CaseSources.PUBLIC.forEach(
                    each -> data.println(each.name() + ": " + each.layout() + "; licence: " + each.licence()));
            data.println(CsvTable.NAME + ": " + CsvTable.LAYOUT);
            data.flush();
            return 0;
        }
        if (name == null || source == null || out == null) {
            throw new UsageException("cases import: NAME, SOURCE and OUT are needed; --list names the sources");
        }
        CaseSource from = source(name);
        CasesCommand.requireEmpty("OUT", out);
        CaseImport.Settings settings = new CaseImport.Settings(
                Specialties.of(specialties, specialty),
                SplitShares.parse(split),
                sourceName == null ? name : sourceName,
                skipBad);
        ImportReport report = CaseImport.run(from, source, out, settings);
        output.print(data, report, to -> report.lines().forEach(to::println));
        spec.commandLine().getErr().println("next: consilium cases check " + out);
        return 0;
    }

    private CaseSource source(String wanted) {
        if (wanted.equals(CsvTable.NAME)) {
            if (columns == null) {
                throw new UsageException("--columns: csv needs a YAML file that says which column is what");
            }
            return new CsvTable(CsvTable.Columns.read(columns));
        }
        return CaseSources.named(wanted);
    }
}
