package ai.consilium.cli.run;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.adapter.AdapterGoneException;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.EventLabels;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.runlog.TopicContent;
import ai.consilium.runlog.VersionSelector;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A published version, fetched from a run's log alone: no file of the run is needed.
 *
 * @param adapter whose tensors have the hash that its update names
 * @param baseHash of the model that the run trains, by its manifest
 * @param card what it is, for people
 */
public record LoggedAdapter(Adapter adapter, String baseHash, String card) {
    /**
     * Fetches it.
     *
     * @throws UsageException when the run has no such version, or no longer
     */
    public static LoggedAdapter fetch(KafkaClients kafka, VersionSelector selector) {
        RunManifest manifest = ManifestLog.ofRun(kafka);
        PolicyUpdate update = selector.find(kafka);
        PolicyTable policies = PolicyTable.of(manifest);
        try (AdapterLog<Adapter> log = new AdapterLog<>(
                kafka, policies, Adapter::fromSafetensors, Adapter::hash, Adapter::beside, FastSha256::digest)) {
            return new LoggedAdapter(
                    log.fetch(update),
                    manifest.getSettings().getOrDefault(HostSettings.MODEL, ""),
                    card(kafka, manifest.getRunId(), update));
        } catch (AdapterGoneException e) {
            throw new UsageException(
                    selector.option() + ": " + e.getMessage()
                            + "; the log keeps the newest versions, and those that others need",
                    e);
        }
    }

    private static String card(KafkaClients kafka, String runId, PolicyUpdate update) {
        String stage = switch (update.getKind()) {
            case DSA -> "after domain-specific adaptation";
            case REINFORCEMENT -> "after reinforcement";
            case MERGE -> "merged from the experts";
            case DISTILLATION -> "on the way of consolidation";
        };
        String what = "version %d of run %s, %s".formatted(update.getVersion(), runId, stage);
        return RunAdapters.card(update.getSpecialty(), what, cases(kafka));
    }

    /** As the run itself told it. */
    private static String cases(KafkaClients kafka) {
        AtomicReference<String> cases = new AtomicReference<>("unknown cases");
        TopicContent.read(kafka, Topics.RUN_EVENTS, RunEvent.class, event -> {
            if (event.getLabels().containsKey(EventLabels.CASES)) {
                cases.set(event.getMessage().replaceFirst("^training on ", ""));
            }
        });
        return Objects.requireNonNull(cases.get());
    }
}
