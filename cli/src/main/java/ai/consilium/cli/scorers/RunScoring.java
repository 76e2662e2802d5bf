package ai.consilium.cli.scorers;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.ScoringBook;
import ai.consilium.platform.run.ScoringRevision;
import ai.consilium.reward.plan.ScorerLife;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * What a run is scored by, as its log says.
 *
 * @param manifest the newest revision
 * @param life of its scorers
 */
public record RunScoring(RunManifest manifest, ScorerLife life) {
    private static final String WRITER = "command";

    /** Reads it. @throws UsageException when the run has no manifest yet, or its configuration cannot be read here */
    public static RunScoring read(KafkaClients kafka) {
        List<RunManifest> manifests = ManifestLog.all(kafka);
        if (manifests.isEmpty()) {
            throw new UsageException("the run has no manifest yet: its scheduler has not started");
        }
        Map<String, ScoringConfig> configs = new LinkedHashMap<>();
        TopicContent.read(
                kafka,
                Topics.SCORING_CONFIGS,
                ScoringConfig.class,
                config -> configs.putIfAbsent(config.getHash(), config));
        RunManifest newest = manifests.get(manifests.size() - 1);
        String configured = newest.getSettings().getOrDefault(ScoringRevision.CONFIGURED, "");
        ScoringConfig first = configs.get(configured);
        if (first == null) {
            throw new UsageException("scoring configuration " + configured + " is not on the log");
        }
        ScoringBook book = new ScoringBook(first);
        configs.values().forEach(book::stands);
        manifests.forEach(book::take);
        return new RunScoring(newest, life(book));
    }

    private static ScorerLife life(ScoringBook book) {
        List<ScoringDefinition> earlier = new ArrayList<>();
        List<ScoringConfig> history = new ArrayList<>(book.history());
        Collections.reverse(history);
        for (ScoringConfig before : history) {
            if (!before.equals(book.inForce())) {
                readable(before).ifPresent(earlier::add);
            }
        }
        return new ScorerLife(inForce(book), earlier);
    }

    private static ScoringDefinition inForce(ScoringBook book) {
        try {
            return ScoringDefinition.of(book.inForce());
        } catch (IllegalArgumentException unreadable) {
            throw new UsageException(String.valueOf(unreadable.getMessage()), unreadable);
        }
    }

    /** What another version wrote only cannot be brought back. */
    private static Optional<ScoringDefinition> readable(ScoringConfig config) {
        try {
            return Optional.of(ScoringDefinition.of(config));
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * Puts a change in force, from the next prompt on.
     *
     * @return the revision of the run that it is
     * @throws UsageException when the run was revised meanwhile: then nothing has changed
     */
    public int revise(KafkaClients kafka, ScorerLife.Change change) {
        RunManifest revised = change.revision().after(manifest, WRITER, System.currentTimeMillis());
        ScoringConfig config = change.to().config();
        try (Producer<String, SpecificRecord> producer = kafka.producer(WRITER)) {
            // The manifest names it, so it is there first.
            producer.send(new ProducerRecord<>(kafka.topic(Topics.SCORING_CONFIGS), config.getHash(), config))
                    .get();
        } catch (ExecutionException failed) {
            throw new KafkaException("the scoring configuration could not be written", failed.getCause());
        } catch (InterruptedException stopping) {
            throw new InterruptException(stopping);
        }
        ManifestLog.revise(kafka, revised, WRITER);
        return revised.getRevision();
    }
}
