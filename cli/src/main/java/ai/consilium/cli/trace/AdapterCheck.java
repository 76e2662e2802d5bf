package ai.consilium.cli.trace;

import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.adapter.AdapterMismatchException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.PeftDirectory;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.runlog.lineage.LineageCheck.Difference;
import ai.consilium.runlog.lineage.LineageFollower.Followed;
import ai.consilium.runlog.lineage.LineageRecord;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/** Whether the adapters that lie about are the ones that lineage names: in checkpoints, as PEFT directories, on the log. */
final class AdapterCheck {
    private final List<Followed> versions;
    private final List<Difference> differences = new ArrayList<>();
    private int files;
    private int onLog;

    /** @param versions those that are looked at */
    AdapterCheck(List<Followed> versions) {
        this.versions = versions;
    }

    /** Files that were compared. */
    int files() {
        return files;
    }

    /** Adapters on the log that were compared. */
    int onLog() {
        return onLog;
    }

    /** What is not as it was published. */
    List<Difference> differences() {
        return differences;
    }

    /** Those of checkpoints, of which only the newest are kept. */
    void checkpoints(Path runDirectory) throws IOException {
        for (Followed one : versions) {
            LineageRecord record = one.record();
            Path policy = runDirectory.resolve("checkpoints").resolve(record.policy());
            Path round = record.round() == 0 ? policy : policy.resolve("round-" + (record.round() + 1));
            Path file = round.resolve(Long.toString(record.number())).resolve("adapter.safetensors");
            String wanted = record.adapter().fileSha256();
            if (wanted != null && Files.isRegularFile(file)) {
                files++;
                String found = sha256(file);
                if (!found.equals(wanted)) {
                    differences.add(new Difference(
                            file.toString(), "has SHA-256 %s; %s has %s".formatted(found, record.version(), wanted)));
                }
            }
        }
    }

    /** Those that a finished run leaves. */
    void exported(Path runDirectory) throws IOException {
        Path adapters = runDirectory.resolve("adapters");
        if (!Files.isDirectory(adapters)) {
            return;
        }
        try (Stream<Path> found = Files.walk(adapters)) {
            for (Path file : found.filter(path -> path.endsWith(PeftDirectory.WEIGHTS))
                    .sorted()
                    .toList()) {
                exported(adapters, adapters.relativize(file));
            }
        }
    }

    /** @param name {@code unified/FILE}, {@code shared/FILE}, {@code rl/SPECIALTY/FILE} or {@code dsa/SPECIALTY/FILE} */
    private void exported(Path adapters, Path name) throws IOException {
        Path file = adapters.resolve(name);
        String policy =
                name.getNameCount() == 2 ? Topics.UNIFIED : name.getName(1).toString();
        if (versions.stream().noneMatch(one -> one.record().policy().equals(policy))) {
            return;
        }
        files++;
        try {
            Adapter adapter = Adapter.readPeft(file.resolveSibling(""));
            String hash = adapter.hash();
            Optional<LineageRecord> version = versions.stream()
                    .map(Followed::record)
                    .filter(record -> record.policy().equals(policy)
                            && record.adapter().exportedSha256().equals(hash))
                    .findFirst();
            if (version.isEmpty()) {
                differences.add(new Difference(file.toString(), "its tensors are those of no version of " + policy));
            } else if (!Arrays.equals(
                    Files.readAllBytes(file),
                    PeftDirectory.weights(adapter, String.valueOf(version.get().baseModelSha256())))) {
                differences.add(new Difference(
                        file.toString(),
                        "it, or the configuration beside it, is not as "
                                + version.get().version() + " was written"));
            }
        } catch (ModelException e) {
            differences.add(new Difference(file.toString(), String.valueOf(e.getMessage())));
        }
    }

    /** Those whose chunks are still on the log. */
    void published(KafkaClients kafka) throws InterruptedException {
        Optional<RunManifest> manifest = ManifestLog.newest(kafka);
        if (manifest.isEmpty()) {
            return;
        }
        PolicyTable policies = PolicyTable.of(manifest.get());
        try (AdapterLog<Adapter> log = new AdapterLog<>(
                kafka, policies, Adapter::fromSafetensors, Adapter::hash, Adapter::beside, FastSha256::digest)) {
            for (Followed one : versions) {
                try {
                    onLog += log.find(one.update()).isPresent() ? 1 : 0;
                } catch (AdapterMismatchException | ModelException e) {
                    differences.add(new Difference(Topics.ADAPTERS.baseName(), String.valueOf(e.getMessage())));
                }
            }
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            return DigestUtils.sha256Hex(bytes);
        }
    }
}
