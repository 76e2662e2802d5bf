package ai.consilium.cli.report;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.SettingDifference;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.progress.Timings;
import ai.consilium.monitor.MonitorInputs;
import ai.consilium.monitor.report.ReportFacts;
import ai.consilium.monitor.report.ReportPage;
import ai.consilium.monitor.report.ReportedRun;
import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.runlog.lineage.LineageFiles;
import ai.consilium.runlog.lineage.LineageRecord;
import ai.consilium.schemas.RunManifest;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code report.html}: a run as one page, of its log and of what its directory holds.
 *
 * @param runId name of the run
 * @param config of the run
 * @param inputs what is shown beside the log
 * @param directory of the run; null of one of a cluster
 */
public record RunReport(
        String runId,
        ConsiliumConfig config,
        MonitorInputs inputs,
        @Nullable Path directory) {
    /** Name of the page in a run directory. */
    public static final String FILE = "report.html";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads the log, and writes the page. @throws UsageException when a file of the run directory cannot be read */
    public void write(KafkaClients kafka, Path file) {
        Optional<RunManifest> manifest = ManifestLog.newest(kafka);
        ReportedRun run = ReportedRun.read(kafka, runId, config.specialties(), inputs);
        AtomicFile.write(file, ReportPage.of(run, facts(run, manifest)));
    }

    private ReportFacts facts(ReportedRun run, Optional<RunManifest> manifest) {
        String configuration = text(RunFiles.CONFIG).orElse("");
        return new ReportFacts(
                about(run.picture().simulated(), manifest),
                configuration.isEmpty() ? List.of() : settings(configuration),
                configuration,
                json("results.json"),
                json("comparisons.json"),
                json("conflict.json"),
                timings(),
                directory == null ? List.of() : heads(directory));
    }

    private List<ReportFacts.Fact> about(boolean simulated, Optional<RunManifest> manifest) {
        Map<String, String> settings = manifest.map(RunManifest::getSettings).orElse(Map.of());
        List<ReportFacts.Fact> about = new ArrayList<>();
        add(about, "seed", Long.toString(config.plan().seed()));
        add(
                about,
                "cases",
                (simulated ? "simulated: Consilium's clinic, not patients" : config.dataRoot())
                        + hash(settings, ", train.jsonl", "data_root/train.jsonl.sha256"));
        add(about, "model", config.model() + hash(settings, ",", "model.sha256"));
        add(about, "specialties", String.join(", ", config.specialties()));
        add(
                about,
                "training",
                "%d steps of %d groups of %d, in %d round%s; %s, loss %s"
                        .formatted(
                                config.plan().steps(),
                                config.plan().batchSize(),
                                config.scheduler().groupSize(),
                                config.rounds(),
                                config.rounds() == 1 ? "" : "s",
                                config.reward().advEstimator(),
                                config.learner().loss().type()));
        add(
                about,
                "computed",
                config.compute().device() + ", " + config.compute().dtype());
        manifest.ifPresent(it -> {
            add(about, "Consilium", it.getVersion());
            add(
                    about,
                    "begun",
                    Instant.ofEpochMilli(it.getCreatedMs())
                            .truncatedTo(ChronoUnit.SECONDS)
                            .toString());
        });
        return about;
    }

    private static void add(List<ReportFacts.Fact> about, String name, String value) {
        about.add(new ReportFacts.Fact(name, value));
    }

    private static String hash(Map<String, String> settings, String what, String key) {
        String hash = settings.get(key);
        return hash == null ? "" : what + " sha256 " + hash.substring(0, Math.min(12, hash.length()));
    }

    private static List<ReportFacts.Setting> settings(String configuration) {
        String defaults = new ConfigOptions(Map.of()).load().yaml();
        return SettingDifference.all(defaults, configuration).stream()
                .map(difference -> new ReportFacts.Setting(difference.key(), difference.begun(), difference.now()))
                .toList();
    }

    /** Of each policy. */
    private static List<ReportFacts.Head> heads(Path directory) {
        LineageFiles files = LineageFiles.of(directory);
        SortedMap<String, Long> newest = new TreeMap<>();
        for (String version : files.versions()) {
            int at = version.lastIndexOf('@');
            if (version.substring(at + 1).matches("\\d{1,18}")) {
                newest.merge(version.substring(0, at), Long.valueOf(version.substring(at + 1)), Math::max);
            }
        }
        return newest.entrySet().stream()
                .map(head -> LineageRecord.name(head.getKey(), head.getValue()))
                .map(version ->
                        new ReportFacts.Head(version, files.sha256(version).orElse("")))
                .toList();
    }

    private Map<String, Double> timings() {
        JsonNode timings = json(Timings.FILE);
        return timings == null
                ? Map.of()
                : JSON.convertValue(timings, new TypeReference<LinkedHashMap<String, Double>>() {});
    }

    private @Nullable JsonNode json(String name) {
        Optional<String> text = text(name);
        try {
            return text.isEmpty() ? null : JSON.readTree(text.get());
        } catch (IOException e) {
            throw new UsageException("%s/%s: cannot be read: %s".formatted(directory, name, e.getMessage()), e);
        }
    }

    private Optional<String> text(String name) {
        try {
            return directory != null && Files.isRegularFile(directory.resolve(name))
                    ? Optional.of(Files.readString(directory.resolve(name)))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UsageException("%s/%s: cannot be read: %s".formatted(directory, name, e.getMessage()), e);
        }
    }
}
