package ai.consilium.platform.manifest;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** Follows the revisions of a run's manifest. One thread only. */
public final class ManifestLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final DeadLetters deadLetters;
    private final LogReader<RunManifest> reader;
    private Optional<RunManifest> newest = Optional.empty();

    /** @throws IllegalStateException when the topic does not exist, and does not appear within 10 s */
    public ManifestLog(KafkaClients kafka) {
        this.deadLetters = new DeadLetters(kafka, "manifest");
        this.reader = new LogReader<>(kafka, Topics.RUN_MANIFESTS, RunManifest.class, deadLetters, null, Map.of());
    }

    /** The newest revision on a run's log; empty without one, or without the topic: version 0.1 had none. */
    public static Optional<RunManifest> newest(KafkaClients kafka) {
        List<RunManifest> all = all(kafka);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** All revisions on a run's log, in their order; none without the topic. */
    public static List<RunManifest> all(KafkaClients kafka) {
        try (Admin admin = kafka.admin()) {
            if (!admin.listTopics().names().get().contains(kafka.topic(Topics.RUN_MANIFESTS))) {
                return List.of();
            }
        } catch (ExecutionException e) {
            throw new KafkaException("topics could not be listed", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
        try (ManifestLog log = new ManifestLog(kafka)) {
            return log.readAll();
        }
    }

    /** The newest revision on a run's log. @throws UsageException when there is none, so that it may be no run's */
    public static RunManifest ofRun(KafkaClients kafka) {
        return newest(kafka)
                .orElseThrow(() -> new UsageException("run_id: the log has no manifest, "
                        + kafka.topic(Topics.RUN_MANIFESTS) + "; is this the id of a run?"));
    }

    /**
     * Writes a revision from outside of the scheduler: of two with one number the first on the log counts, so it is read back.
     *
     * @param writer name of what writes it
     * @throws UsageException when the run was revised meanwhile: then nothing has changed
     */
    public static void revise(KafkaClients kafka, RunManifest revised, String writer) {
        try (Producer<String, SpecificRecord> producer = kafka.producer(writer)) {
            producer.send(new ProducerRecord<>(kafka.topic(Topics.RUN_MANIFESTS), revised.getRunId(), revised))
                    .get();
        } catch (ExecutionException failed) {
            throw new KafkaException("the revision could not be written", failed.getCause());
        } catch (InterruptedException stopping) {
            throw new InterruptException(stopping);
        }
        try (ManifestLog log = new ManifestLog(kafka)) {
            if (log.readAll().stream().noneMatch(revised::equals)) {
                throw new UsageException("the run was revised by another in the same moment: run this again");
            }
        }
    }

    /** The newest of all revisions that are committed by now. */
    public Optional<RunManifest> catchUp() {
        readAll();
        return newest;
    }

    /**
     * The newest of the revisions that have come, and of those that come within a moment. Unlike {@link #catchUp} it does not ask where
     * the log ends, which a broker that is away cannot tell: whoever looks again and again waits for one as long as it takes.
     */
    public Optional<RunManifest> follow() {
        read(POLL);
        return newest;
    }

    /** All revisions that are committed by now and were not returned before, in their order. */
    public List<RunManifest> readAll() {
        List<RunManifest> all = new ArrayList<>();
        reader.readToEnd(records -> all.addAll(take(records)));
        return all;
    }

    /**
     * Revisions that came since the last call, in their order. Of two that bear one number the first counts: its writer knew
     * what it revises.
     */
    public List<RunManifest> read(Duration wait) {
        return take(reader.poll(wait));
    }

    private List<RunManifest> take(List<ConsumerRecord<String, RunManifest>> records) {
        List<RunManifest> read = new ArrayList<>();
        for (var record : records) {
            if (newest.isEmpty() || record.value().getRevision() > newest.get().getRevision()) {
                newest = Optional.of(record.value());
                read.add(record.value());
            }
        }
        return read;
    }

    /** The newest revision that was read. */
    public Optional<RunManifest> newest() {
        return newest;
    }

    @Override
    public void close() {
        reader.close();
        deadLetters.close();
    }
}
