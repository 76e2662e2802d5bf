package ai.consilium.cli.run;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.dataset.RunCases;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.platform.run.CaseEditions;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.schemas.RunManifest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The case files of a run as its log says. The scheduler writes an edition of the training cases to the manifest before the first
 * prompt that is made of it: so what a record names and the manifest does not is none of the run's, once it was asked again.
 */
public final class EditionsOfRun implements RunCases {
    private final KafkaClients kafka;
    private final RunCases others;
    private CaseEditions editions = CaseEditions.of(List.of());
    /** Held-out files that the run has had, and their SHA-256: they grow with specialties that are added. */
    private Set<Map.Entry<String, String>> heldOut = Set.of();

    /** @param settings of this host: held-out files that it looks at are the run's; who looks at none takes what records name */
    public EditionsOfRun(KafkaClients kafka, RunSettings settings) {
        this.kafka = kafka;
        Map<String, String> here = HostSettings.heldOutFiles(settings.values());
        boolean looks = !here.isEmpty() || settings.values().containsKey(CaseEdition.SHA256);
        this.others = looks ? RunCases.of(here) : RunCases.UNKNOWN;
    }

    @Override
    public synchronized Optional<String> instead(String file, String sha256) {
        if (!file.equals(CaseLibrary.TRAINING_FILE)) {
            Optional<String> own = others.instead(file, sha256);
            return own.isPresent() && had(file, sha256) ? Optional.empty() : own;
        }
        if (editions.of(sha256).isPresent() || readAgain().of(sha256).isPresent()) {
            return Optional.empty();
        }
        // A run of version 0.1 has none until its scheduler has started again.
        List<CaseEdition> all = editions.all();
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(all.get(all.size() - 1).sha256());
    }

    @Override
    public synchronized Optional<String> training(int round) {
        return readAgain().in(round).map(CaseEdition::sha256);
    }

    @Override
    public synchronized String told(String sha256) {
        return editions.of(sha256).map(CaseEdition::told).orElse("");
    }

    private boolean had(String file, String sha256) {
        if (!heldOut.contains(Map.entry(file, sha256))) {
            readAgain();
        }
        return heldOut.contains(Map.entry(file, sha256));
    }

    private CaseEditions readAgain() {
        List<RunManifest> revisions = ManifestLog.all(kafka);
        editions = CaseEditions.of(revisions);
        heldOut = revisions.stream()
                .flatMap(revision -> HostSettings.heldOutFiles(revision.getSettings()).entrySet().stream())
                .collect(Collectors.toSet());
        return editions;
    }
}
