package ai.consilium.cli.run;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.memory.Device;
import ai.consilium.cli.memory.MemoryReport;
import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.cli.memory.RunMemory;
import ai.consilium.cli.report.Results;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.platform.Ports;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.torch.TorchRuntime;
import ai.consilium.reward.config.RewardConfig.ScorerConfig;
import ai.consilium.reward.plan.ScorerDefinition;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.watch.RubricWatch;
import java.io.File;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold before a run begins. All of it is looked at before the run directory exists, so that a run that cannot
 * go leaves nothing behind, and every refusal names its key.
 */
public final class PreflightChecks {
    private static final String LOOPBACK = "127.0.0.1";

    private record Listener(String section, String host, int port) {
        String key() {
            return section + ".port";
        }
    }

    private final ConsiliumConfig config;
    /** A large vocabulary takes a while to read. */
    private @Nullable ModelDirectory opened;

    public PreflightChecks(ConsiliumConfig config) {
        this.config = config;
    }

    /** The device is there. */
    public void device() {
        try {
            TorchRuntime.use(config.compute().device());
        } catch (ModelException e) {
            throw new UsageException("compute.device: " + e.getMessage(), e);
        }
    }

    /** The device is there; the model directory is whole and takes the adapters that are asked for. */
    public ModelDirectory model() {
        device();
        ModelDirectory model = modelDirectory();
        try {
            Adapter.initial(
                    model,
                    1,
                    1,
                    config.learner().lora().targets(),
                    config.plan().seed());
        } catch (ModelException e) {
            throw new UsageException("lora.targets: " + e.getMessage(), e);
        }
        return model;
    }

    /** The model directory, which is whole. */
    public ModelDirectory modelDirectory() {
        try {
            if (opened == null) {
                opened = ModelDirectory.open(LocalFiles.model(config));
            }
            return opened;
        } catch (ModelException e) {
            throw new UsageException("model: " + e.getMessage(), e);
        }
    }

    /**
     * There is memory for what a process does.
     *
     * @param command that starts it
     */
    public void memory(String command, Set<Work> works) {
        ModelDirectory model = modelDirectory();
        RunMemory memory = new RunMemory(config, model, Device.of(config), RunMemory.expected(config, model));
        MemoryReport report = MemoryReport.of(memory, command, works);
        if (!report.fits()) {
            throw new UsageException(
                    report.text()
                            + "compute.memory_gib says how much there is, if this is wrong; consilium memory shows other settings");
        }
    }

    /**
     * The prompt layout: the configuration's, else the one that the model names, else the one for pretrained models. It knows
     * the perspectives that are asked for.
     *
     * @param base directory that a path in the configuration is relative to
     */
    public PromptLayout prompts(ModelDirectory model, Path base) {
        try {
            PromptLayout layout = config.prompts().isEmpty()
                    ? model.prompts()
                            .map(own -> PromptLayouts.read(own, model.path()))
                            .orElseGet(PromptLayouts::clinical)
                    : PromptLayouts.read(config.prompts(), base);
            requireKnown("perspectives", config.scheduler().perspectives(), layout);
            requireKnown("dsa.perspectives", config.learner().dsa().perspectives(), layout);
            requireKnown("eval.perspectives", config.eval().perspectives(), layout);
            return layout;
        } catch (CaseException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The rubrics that the scorers name can be read.
     *
     * @param base directory that their paths are relative to
     */
    public void rubrics(Path base) {
        scoring(base, EndTokens.TURN_END);
    }

    /**
     * What groups are scored by. The rubrics that the scorers name can be read, and the model directory is whole.
     *
     * @param base directory that the rubrics' paths are relative to
     */
    public ScoringDefinition scoring(Path base) {
        EndTokens ends = ends();
        watch(base, ends);
        return scoring(base, ends);
    }

    private EndTokens ends() {
        ModelDirectory model = modelDirectory();
        return new EndTokens(model.stopTokens().texts(model.tokenizer()));
    }

    /**
     * What offers changes of rubric files while a run goes on.
     *
     * @param base directory that the rubrics' paths are relative to
     */
    RubricWatch watch(Path base) {
        return watch(base, ends());
    }

    private RubricWatch watch(Path base, EndTokens ends) {
        return new RubricWatch(config.reward(), surroundings(base, ends));
    }

    /**
     * One scorer, defined as those of the configuration are.
     *
     * @param base directory that its files are relative to
     */
    public ScorerDefinition scorer(ScorerConfig scorer, Path base) {
        return ScorerDefinition.of(scorer, surroundings(base, ends()));
    }

    private ScorerType.Surroundings surroundings(Path base, EndTokens ends) {
        return new ScorerType.Surroundings(base, config.reward().http(), config.answer(), ends);
    }

    private ScoringDefinition scoring(Path base, EndTokens ends) {
        return ScoringDefinition.of(config.reward(), base, config.answer(), ends);
    }

    /** The cases of {@code data_root}, read whole. */
    public DataSet cases() {
        DataSet data = casesOfRun();
        data.refusedLine().ifPresent(refused -> {
            throw unusable(refused);
        });
        return data;
    }

    /** The same of a run that has begun: {@link DataSet#readOfRun}. */
    public DataSet casesOfRun() {
        Path given = LocalFiles.cases(config);
        try {
            DataSet data = DataSet.readOfRun(given, config.specialties());
            requireToExamineOn(data);
            return data;
        } catch (CaseException e) {
            throw unusable(e);
        }
    }

    /** What a person is told of a case file or a line of it. */
    public UsageException unusable(CaseException e) {
        // A case file names itself without its directory; a person, or an editor, wants to open it.
        String message = String.valueOf(e.getMessage());
        boolean bare = CaseLibrary.FILES.stream().anyMatch(message::startsWith);
        Path root = LocalFiles.cases(config).toAbsolutePath().normalize();
        String advice = bare ? "; consilium cases check " + root + " lists every problem" : "";
        return new UsageException("data_root: " + (bare ? root + File.separator : "") + message + advice, e);
    }

    private void requireToExamineOn(DataSet data) {
        for (String specialty : config.eval().wanted() ? config.specialties() : List.<String>of()) {
            if (Results.ofSpecialty(data.validation().cases(), specialty).isEmpty()) {
                throw new UsageException("eval.interval: " + specialty + " has no case to be examined on in "
                        + data.root().resolve(CaseLibrary.VALIDATION_FILE) + "; add some, or set eval.interval to 0");
            }
        }
    }

    private static void requireKnown(String key, List<String> perspectives, PromptLayout layout) {
        for (String perspective : perspectives) {
            if (!layout.perspectives().contains(perspective)) {
                throw new UsageException(key + ": '" + perspective + "' is not one of "
                        + String.join(", ", layout.perspectives()) + ", which the prompt layout " + layout.name()
                        + " knows");
            }
        }
    }

    /** The clinic can simulate what is to be learnt. */
    public void clinic() {
        if (config.eval().wanted() && config.clinic().valPerSpecialty() == 0) {
            throw new UsageException("eval.interval: clinic.val_per_specialty is 0: there is no case to examine on");
        }
        for (String specialty : config.specialties()) {
            if (!Clinic.SPECIALTIES.contains(specialty)) {
                throw new UsageException("specialties: '" + specialty + "' is not one of the simulated clinic's: "
                        + String.join(", ", Clinic.SPECIALTIES) + "; set data_root for other cases");
            }
        }
    }

    /** The ports of a whole run in one process are free. */
    public void portsOfRun() {
        List<Listener> listeners = new ArrayList<>(config.embedded() ? clusterListeners() : List.of());
        listeners.add(monitorListener());
        listeners.add(healthListener());
        requireFree(listeners);
    }

    /** The ports of the embedded cluster are free. */
    public void portsOfCluster() {
        requireFree(clusterListeners());
    }

    /** The ports of one role's process are free. */
    public void portsOf(Role role) {
        requireFree(role == Role.MONITOR ? List.of(monitorListener(), healthListener()) : List.of(healthListener()));
    }

    private List<Listener> clusterListeners() {
        return List.of(
                new Listener("kafka", LOOPBACK, config.kafka().port()),
                new Listener(
                        "schema_registry", LOOPBACK, config.schemaRegistry().port()));
    }

    private Listener monitorListener() {
        return new Listener("monitor", config.monitor().host(), config.monitor().port());
    }

    private Listener healthListener() {
        return new Listener("health", config.health().host(), config.health().port());
    }

    private static void requireFree(List<Listener> listeners) {
        Map<Integer, String> wanted = new HashMap<>();
        for (Listener listener : listeners) {
            requireAddress(listener);
            if (listener.port() <= 0) {
                continue;
            }
            String other = wanted.putIfAbsent(listener.port(), listener.key());
            if (other != null) {
                throw new UsageException(listener.key() + ": port " + listener.port() + " is also used by " + other);
            }
            Ports.requireFree(listener.host(), listener.port(), listener.key());
        }
    }

    private static void requireAddress(Listener listener) {
        try {
            InetAddress.getByName(listener.host());
        } catch (UnknownHostException e) {
            throw new UsageException(listener.section() + ".host: unknown host: " + listener.host(), e);
        }
    }
}
