package ai.consilium.cli.run;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.dataset.RunCases;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.report.Results;
import ai.consilium.monitor.state.RunState;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.schemas.EventKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cases of a run, read whole and checked before anything else begins.
 *
 * @param simulated whether the clinic made them
 */
public record DataSet(
        Path root, CaseLibrary library, CaseFile train, CaseFile validation, CaseFile test, boolean simulated) {

    /**
     * Reads a directory.
     *
     * @throws CaseException when a file or a line cannot be used
     * @throws UsageException when a specialty has no training cases
     */
    public static DataSet read(Path root, List<String> specialties) {
        DataSet data = readOfRun(root, specialties);
        data.requireWhole();
        return data;
    }

    /**
     * Reads a directory that a run may have begun with: of the training cases, to which lines may have been added since, as many
     * as can be used. Whether the run's are among them, its manifest says.
     *
     * @throws CaseException when a file cannot be used
     * @throws UsageException when a specialty has no training cases
     */
    public static DataSet readOfRun(Path root, List<String> specialties) {
        CaseLibrary library = new CaseLibrary(root);
        CaseFile train = library.usable(CaseLibrary.TRAINING_FILE);
        DataSet data = new DataSet(
                root,
                library,
                train,
                library.file(CaseLibrary.VALIDATION_FILE),
                library.file(CaseLibrary.TEST_FILE),
                fromClinic(train));
        for (String specialty : specialties) {
            if (Results.ofSpecialty(data.train.cases(), specialty).isEmpty()) {
                data.requireWhole();
                throw new UsageException(
                        "specialties: " + specialty + " has no case in " + root.resolve(CaseLibrary.TRAINING_FILE));
            }
        }
        return data;
    }

    /** @throws CaseException when the training file has a line that cannot be used */
    public void requireWhole() {
        library.file(CaseLibrary.TRAINING_FILE);
    }

    /** What is wrong with a line of the training file, so that it and those behind it are left; empty where all can be used. */
    public Optional<CaseException> refusedLine() {
        try {
            requireWhole();
            return Optional.empty();
        } catch (CaseException refused) {
            return Optional.of(refused);
        }
    }

    /** The same, for a run that is known to have these. */
    public DataSet ofRun(RunCases run) {
        return new DataSet(root, library.ofRun(run), train, validation, test, simulated);
    }

    /** Where the cases of a run lie: where its configuration says, or in its directory those that were simulated for it. */
    public static Path root(ConsiliumConfig config, Path runDirectory) {
        return config.simulated() ? runDirectory.resolve("data") : LocalFiles.cases(config);
    }

    /** Simulates into a directory, unless that was done before; then of what was added as much as can be used. */
    public static DataSet simulate(Path root, ConsiliumConfig config) {
        if (!Files.exists(root.resolve(CaseLibrary.TEST_FILE))) {
            Clinic.write(root, config.clinic());
        }
        return readOfRun(root, config.specialties());
    }

    /** Whether the clinic made these cases, wherever they were read from. */
    public static boolean fromClinic(CaseFile file) {
        return file.cases().stream().anyMatch(c -> c.source().equals(Clinic.SOURCE));
    }

    /** In words, for tables and model cards. */
    public String label() {
        return label(root, simulated);
    }

    /** Cases of a file that belong to the specialties of the run. */
    public static long count(CaseFile file, List<String> specialties) {
        return file.cases().stream()
                .filter(c -> specialties.contains(c.specialty()))
                .count();
    }

    /** Puts on the log what kind of cases the run learns from, so that everything that shows the run can say it. */
    public static void tell(RunEvents events, Path root, boolean simulated) {
        events.emit(
                EventKind.PHASE,
                "training on " + label(root, simulated),
                Map.of(),
                Map.of(EventLabels.CASES, simulated ? RunState.SIMULATED : "given"));
    }

    private static String label(Path root, boolean simulated) {
        return simulated ? "simulated cases" : "cases of " + root.getFileName();
    }
}
