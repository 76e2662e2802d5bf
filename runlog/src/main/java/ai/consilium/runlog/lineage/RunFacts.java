package ai.consilium.runlog.lineage;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.runlog.provenance.LogPlace;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What all versions of a run have in common: its manifest, revision by revision, and its scoring configurations. */
final class RunFacts implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);

    record Manifest(RunManifest value, LineageRecord.Placed placed) {}

    private final LogReader<RunManifest> manifestLog;
    private final LogReader<ScoringConfig> scoringLog;
    private final List<Manifest> manifests = new ArrayList<>();
    private final Map<String, LineageRecord.Scoring> scoring = new HashMap<>();

    RunFacts(KafkaClients kafka) {
        this.manifestLog = reader(kafka, Topics.RUN_MANIFESTS, RunManifest.class);
        this.scoringLog = reader(kafka, Topics.SCORING_CONFIGS, ScoringConfig.class);
    }

    private static <T extends SpecificRecord> LogReader<T> reader(KafkaClients kafka, Topics topic, Class<T> type) {
        return new LogReader<>(kafka, topic, type, UnusableRecords.LOGGED, null, Map.of());
    }

    /** Reads the revisions that there are by now: those of the time of any record that was read before. */
    void catchUp() {
        readAll(
                manifestLog,
                record -> manifests.add(new Manifest(
                        value(record),
                        new LineageRecord.Placed(
                                LogPlace.of(Topics.RUN_MANIFESTS, record).toString(),
                                DigestUtils.sha256Hex(record.value().bytes())))));
    }

    /**
     * The revision that was newest at a time, by the clocks of their writers; the first where none was older. It depends on the
     * log alone, and not on when this is asked: a later revision is later by these clocks too.
     */
    Optional<Manifest> manifestAt(long epochMs) {
        Manifest found = manifests.isEmpty() ? null : manifests.get(0);
        for (Manifest manifest : manifests) {
            found = manifest.value().getCreatedMs() <= epochMs ? manifest : found;
        }
        return Optional.ofNullable(found);
    }

    /** A configuration with its scorers. */
    LineageRecord.Scoring scoring(String hash) {
        if (!scoring.containsKey(hash)) {
            readAll(scoringLog, record -> add(value(record)));
        }
        return scoring.getOrDefault(hash, new LineageRecord.Scoring(hash, null, List.of()));
    }

    private void add(ScoringConfig config) {
        scoring.putIfAbsent(
                config.getHash(),
                new LineageRecord.Scoring(
                        config.getHash(),
                        config.getEstimator(),
                        config.getScorers().stream()
                                .map(scorer -> new LineageRecord.Scorer(scorer.getName(), scorer.getVersion()))
                                .toList()));
    }

    private static <T extends SpecificRecord> T value(ConsumerRecord<String, Decoded<T>> record) {
        T value = record.value().value();
        if (value == null) {
            throw new IllegalStateException("a usable record has a value");
        }
        return value;
    }

    private static <T extends SpecificRecord> void readAll(
            LogReader<T> log, Consumer<ConsumerRecord<String, Decoded<T>>> into) {
        do {
            log.pollWhole(log.caughtUp() ? Duration.ZERO : POLL).forEach(into);
        } while (!log.caughtUp());
    }

    @Override
    public void close() {
        manifestLog.close();
        scoringLog.close();
    }
}
