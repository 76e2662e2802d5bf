package ai.consilium.cli.retrain;

import ai.consilium.learner.lineage.RecordedSamples;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.runlog.TopicContent;
import ai.consilium.runlog.lineage.LineageRecord;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What learners need of the run whose samples they are trained on.
 *
 * @param name of it, with its manifest
 * @param starts version 0 of each expert
 * @param samples what sampled
 */
record RecordedRun(LineageRecord.Recorded name, Map<String, Adapter> starts, RecordedSamples samples) {
    /** Reads it from the run's log. @throws UsageException when a version 0 is not there */
    static RecordedRun read(KafkaClients kafka, List<String> specialties) {
        Set<Parent> sampledBy = new HashSet<>();
        Map<String, PolicyUpdate> first = new HashMap<>();
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, update -> {
            if (specialties.contains(update.getSpecialty())) {
                sampledBy.add(new Parent(update.getSpecialty(), update.getVersion(), update.getAdapterHash()));
                if (update.getVersion() == 0) {
                    first.putIfAbsent(update.getSpecialty(), update);
                }
            }
        });
        Map<String, Adapter> starts = new HashMap<>();
        try (AdapterLog<Adapter> adapters = new AdapterLog<>(
                kafka,
                PolicyTable.of(specialties),
                Adapter::fromSafetensors,
                Adapter::hash,
                Adapter::beside,
                FastSha256::digest)) {
            for (String specialty : specialties) {
                PolicyUpdate start = first.get(specialty);
                if (start == null) {
                    throw new UsageException("--train: the run has no version 0 of " + specialty + " to start from");
                }
                starts.put(specialty, adapters.fetch(start));
            }
        }
        return new RecordedRun(name(kafka), starts, new RecordedSamples(sampledBy));
    }

    private static LineageRecord.Recorded name(KafkaClients kafka) {
        List<ConsumerRecord<String, Decoded<RunManifest>>> manifests = new ArrayList<>();
        try (LogReader<RunManifest> log = new LogReader<>(
                kafka, Topics.RUN_MANIFESTS, RunManifest.class, UnusableRecords.LOGGED, null, Map.of())) {
            log.readWholeToEnd(manifests::addAll);
        }
        if (manifests.isEmpty()) {
            throw new UsageException("--train: the run has no manifest: resume it with this version first");
        }
        ConsumerRecord<String, Decoded<RunManifest>> newest = manifests.get(manifests.size() - 1);
        return new LineageRecord.Recorded(
                newest.key(), DigestUtils.sha256Hex(newest.value().bytes()));
    }

    /** Settings of a run that is trained on it. */
    SortedMap<String, String> settings(Map<String, String> own) {
        SortedMap<String, String> settings = new TreeMap<>(own);
        settings.put(LineageRecord.Recorded.RUN, name.run());
        settings.put(LineageRecord.Recorded.MANIFEST, name.manifestSha256());
        return settings;
    }
}
