package ai.consilium.cli.train;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.RunId;
import ai.consilium.cli.directory.ShellWord;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.progress.Timings;
import ai.consilium.cli.report.HeldOutEvaluation;
import ai.consilium.cli.report.Results;
import ai.consilium.cli.report.ResultsTable;
import ai.consilium.cli.report.RunReport;
import ai.consilium.cli.run.CaseContent;
import ai.consilium.cli.run.Checkpointing;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.cli.run.RunAdapters;
import ai.consilium.merger.report.ConflictFiles;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.run.Phases;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.PolicyTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a run ends with: adapters as PEFT directories, policies examined on the held-out cases, the table, the report. */
public final class Conclusion {
    private static final Logger LOG = LoggerFactory.getLogger(Conclusion.class);

    private final ConsiliumConfig config;
    private final Path configBase;
    private final Path directory;
    private final Timings timings;
    private final PrintWriter out;
    private final PrintWriter err;

    /** @param configBase directory that files named in the configuration are relative to */
    public Conclusion(
            ConsiliumConfig config,
            Path configBase,
            Path directory,
            Timings timings,
            PrintWriter out,
            PrintWriter err) {
        this.config = config;
        this.configBase = configBase;
        this.directory = directory;
        this.timings = timings;
        this.out = out;
        this.err = err;
    }

    /** Of a run of one round whose experts were not merged. */
    public void ofExperts(KafkaClients kafka, PolicyTable policies, ModelRuntime runtime, DataSet data)
            throws IOException, InterruptedException {
        conclude(RunAdapters.fromLog(kafka, policies, Map.of(), 0), kafka, runtime, data, false);
    }

    /** Examines, prints, writes. @param control whether the supervised control is trained and examined, too */
    void conclude(RunAdapters adapters, KafkaClients kafka, ModelRuntime runtime, DataSet data, boolean control)
            throws IOException, InterruptedException {
        timings.begin(Phases.EVALUATION);
        adapters.write(
                directory.resolve("adapters"),
                config.model(),
                runtime.model().directory().hash(),
                data.label());
        HeldOutEvaluation evaluation = new HeldOutEvaluation(
                runtime.batchedEvaluation(config.scheduler().sampling().maxCompletionTokens(), config.answer()),
                data.test(),
                CaseLibrary.TEST_FILE,
                config.specialties());
        evaluation
                .row("base", specialty -> null)
                .row("dsa", adapters.dsa()::get)
                .row("rl", adapters.rl()::get);
        Adapter unified = adapters.unified();
        if (unified != null) {
            evaluation.row("unified", specialty -> unified);
        }
        if (control) {
            evaluation.row("sft_longer", control(adapters, runtime, data)::get);
        }
        Results results = evaluation.results();
        results.write(directory);
        timings.write(directory);
        print(results, data);
        report(kafka, data);
        out.println("groups    ./consilium topics describe --run-dir " + ShellWord.of(directory));
        out.flush();
    }

    private Map<String, Adapter> control(RunAdapters adapters, ModelRuntime runtime, DataSet data)
            throws InterruptedException {
        double seconds = timings.of(Phases.REINFORCEMENT);
        err.printf(Locale.ROOT, "control: SFT for another %.0f s%n", seconds);
        err.flush();
        timings.begin(Phases.CONTROL);
        Map<String, Adapter> longer = SftControl.run(
                config,
                runtime.learnerInputs(config, data.library(), Checkpointing.inDirectory(directory)),
                adapters.dsa(),
                seconds);
        timings.begin(Phases.EVALUATION);
        return longer;
    }

    private void print(Results results, DataSet data) {
        String title = "Accuracy in % on " + DataSet.count(data.test(), config.specialties()) + " held-out "
                + data.label() + ", greedy decoding, " + config.answer().label() + " extraction [95 % interval]";
        out.println();
        out.println(ResultsTable.render(results, title));
        out.printf(Locale.ROOT, "took      %s%n", ProgressLine.clock(timings.total()));
        out.println(
                "adapters  " + directory.resolve("adapters") + "  (PEFT: " + String.join(", ", adapterKinds()) + ")");
        out.println("results   " + directory.resolve("results.json") + ", timings.json, verdicts.json");
        // A run that an earlier version merged has none.
        if (Files.exists(directory.resolve(ConflictFiles.HEAT_MAP))) {
            out.println("conflict  " + directory.resolve(ConflictFiles.HEAT_MAP) + ", " + ConflictFiles.JSON
                    + "  (of the experts, weight by weight)");
        }
    }

    /** Training from a recorded log merges nothing, and a run without a shared start has none. */
    private List<String> adapterKinds() {
        return Stream.of("shared/", "dsa/", "rl/", "unified/")
                .filter(kind -> Files.isDirectory(directory.resolve("adapters").resolve(kind)))
                .toList();
    }

    /** The run is over, and all of it is kept: a page that cannot be written is no reason to call it failed. */
    private void report(KafkaClients kafka, DataSet data) {
        Path file = directory.resolve(RunReport.FILE);
        try {
            new RunReport(
                            RunId.of(config, directory),
                            config,
                            CaseContent.inputs(config, configBase, data::library, directory, true),
                            directory)
                    .write(kafka, file);
            out.println("report    " + file + "  (opens without a network)");
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("The report was not written");
            err.println("consilium: the report was not written (" + e.getMessage()
                    + "); to write it: ./consilium report --run-dir " + ShellWord.of(directory));
            err.flush();
        }
    }
}
