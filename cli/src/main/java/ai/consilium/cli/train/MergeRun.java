package ai.consilium.cli.train;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.directory.FinishedRun;
import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.cli.progress.Timings;
import ai.consilium.cli.report.HeldOutEvaluation;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.run.RunAdapters;
import ai.consilium.merger.OfflineMerge;
import ai.consilium.merger.gate.MergerInputs;
import ai.consilium.platform.run.Phases;
import ai.consilium.policy.adapter.Adapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Merges the experts of a finished run once more, and examines the agent on the held-out cases.
 *
 * @param config how to merge; everything else as the run had it
 * @param run whose experts they are
 */
public record MergeRun(ConsiliumConfig config, FinishedRun run) {
    /**
     * Leaves agent, conflict report, results and, last, timings.
     *
     * @param directory an existing one
     */
    public void into(Path directory) throws IOException, InterruptedException {
        Timings timings = new Timings();
        timings.begin("load");
        DataSet data = config.simulated()
                ? DataSet.read(DataSet.root(config, run.directory()), config.specialties())
                : new PreflightChecks(config).cases();
        Path base = ConfigBase.of(run.directory()).orElseGet(run::directory);
        try (ModelRuntime runtime =
                ModelRuntime.load(config, data.library(), base, Set.of(Work.MERGER, Work.EVALUATION))) {
            timings.begin(Phases.MERGE);
            Adapter agent = agent(runtime, data, directory);
            agent.writePeft(
                    directory.resolve("agent"),
                    config.model(),
                    runtime.model().directory().hash(),
                    RunAdapters.card("all specialties", "merged from the experts", data.label()));
            timings.begin(Phases.EVALUATION);
            new HeldOutEvaluation(
                            runtime.batchedEvaluation(maxTokens(), config.answer()),
                            data.test(),
                            CaseLibrary.TEST_FILE,
                            config.specialties())
                    .row("unified", specialty -> agent)
                    .results()
                    .write(directory);
        }
        timings.write(directory);
    }

    private Adapter agent(ModelRuntime runtime, DataSet data, Path directory) throws IOException, InterruptedException {
        Map<String, Adapter> experts = new HashMap<>();
        for (String specialty : config.specialties()) {
            experts.put(specialty, adapter(runtime, "rl/" + specialty));
        }
        Adapter shared = config.sharesStart() ? adapter(runtime, "shared") : null;
        MergerInputs inputs = new MergerInputs(
                runtime.model(),
                runtime.compute(),
                runtime.evaluator(maxTokens(), config.answer()),
                data.library(),
                CaseLibrary.VALIDATION_FILE,
                directory);
        return OfflineMerge.of(
                config.specialties(),
                experts,
                shared,
                config.merger(),
                config.plan().seed(),
                inputs);
    }

    private Adapter adapter(ModelRuntime runtime, String name) throws IOException {
        return Adapter.readPeft(run.adapter(name), runtime.model().directory());
    }

    private int maxTokens() {
        return config.scheduler().sampling().maxCompletionTokens();
    }
}
