package ai.consilium.cli.retrain;

import ai.consilium.cli.rescore.RescoredGroup;
import ai.consilium.cli.rescore.RescoredRun;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run that was scored again as the log of a new run: its groups in the order in which they closed, stamped with what
 * they are scored by now. A group that has something to teach by now, and had not, stands where it was filtered.
 */
final class RescoredLog {
    static final String ROLE = "rescore";

    private final KafkaClients from;
    private final KafkaClients to;
    private final RescoredRun rescored;
    private final PolicyTable policies;
    private final OutcomeFactory outcomes;

    /**
     * Of what was written.
     *
     * @param groups that can be trained on
     * @param newly those of them that the run had filtered
     * @param filtered groups without signal
     */
    record Written(int groups, int newly, int filtered) {
        private Written plus(int group, int fresh, int without) {
            return new Written(groups + group, newly + fresh, filtered + without);
        }
    }

    /**
     * From log to log.
     *
     * @param policies which policy has which partition, in both
     * @param writer role and instance
     */
    RescoredLog(KafkaClients from, KafkaClients to, RescoredRun rescored, PolicyTable policies, String writer) {
        this.from = from;
        this.to = to;
        this.rescored = rescored;
        this.policies = policies;
        this.outcomes = new OutcomeFactory(writer);
    }

    /** Writes all of it. */
    Written write(RunManifest manifest) {
        try (Sink sink = new Sink(to)) {
            rescored.configs()
                    .values()
                    .forEach(config -> sink.write(Topics.SCORING_CONFIGS, null, config.getHash(), config));
            sink.write(Topics.RUN_MANIFESTS, null, manifest.getRunId(), manifest);
            samples(sink);
            Map<String, Long> filteredAt = filteredAt();
            Map<String, Trajectory> fresh = ofNewlyUnfiltered();
            Written written = new Written(0, 0, 0);
            for (String specialty : policies.specialties()) {
                written = groups(specialty, filteredAt, fresh, sink, written);
            }
            return written;
        }
    }

    /** Prompts, trajectories and scores of the groups, each in the partition that it had. */
    private void samples(Sink sink) {
        Set<String> prompts = new HashSet<>();
        TopicContent.records(from, Topics.PROMPTS, Prompt.class, null, record -> {
            String id = record.value().getGroupId();
            if (rescored.groups().containsKey(id) && prompts.add(id)) {
                sink.write(
                        Topics.PROMPTS,
                        record.partition(),
                        id,
                        group(id).group().prompt());
            }
        });
        TopicContent.records(from, Topics.TRAJECTORIES, Trajectory.class, null, record -> {
            String id = record.value().getGroupId();
            if (rescored.groups().containsKey(id)) {
                sink.write(Topics.TRAJECTORIES, record.partition(), id, stamped(record.value()));
            }
        });
        Set<String> scored = new HashSet<>();
        TopicContent.records(from, Topics.SCORES, Scores.class, null, record -> {
            String id = record.value().getGroupId();
            Scores again = rescored.scores().get(record.value().getTrajectoryId());
            if (again != null && rescored.groups().containsKey(id) && scored.add(again.getTrajectoryId())) {
                Scores stamped =
                        Scores.newBuilder(again).setScoringConfigHash(stamp(id)).build();
                sink.write(Topics.SCORES, record.partition(), id, stamped);
            }
        });
    }

    private Trajectory stamped(Trajectory of) {
        return Trajectory.newBuilder(of)
                .setScoringConfigHash(stamp(of.getGroupId()))
                .build();
    }

    private RescoredGroup group(String id) {
        return Objects.requireNonNull(rescored.groups().get(id), id);
    }

    private String stamp(String groupId) {
        return group(groupId).group().prompt().getScoringConfigHash();
    }

    /** When the stream filtered a group, by the clock of its records. */
    private Map<String, Long> filteredAt() {
        Map<String, Long> filtered = new HashMap<>();
        TopicContent.records(from, Topics.GROUP_OUTCOMES, GroupOutcome.class, null, record -> {
            RescoredGroup group = rescored.groups().get(record.value().getGroupId());
            if (group != null && !group.closedBefore()) {
                filtered.putIfAbsent(record.value().getGroupId(), record.timestamp());
            }
        });
        return filtered;
    }

    private Map<String, Trajectory> ofNewlyUnfiltered() {
        Map<String, Trajectory> fresh = new HashMap<>();
        TopicContent.records(from, Topics.TRAJECTORIES, Trajectory.class, null, record -> {
            RescoredGroup group = rescored.groups().get(record.value().getGroupId());
            if (group != null && !group.closedBefore() && !group.filtered()) {
                fresh.putIfAbsent(record.value().getTrajectoryId(), stamped(record.value()));
            }
        });
        return fresh;
    }

    /** Those of one policy, in the order in which they closed. */
    private Written groups(
            String specialty, Map<String, Long> filteredAt, Map<String, Trajectory> fresh, Sink sink, Written before) {
        Written[] written = {before};
        Deque<String> filtered = new ArrayDeque<>(filteredAt.entrySet().stream()
                .filter(one -> PolicyTable.policyOf(group(one.getKey()).group().prompt())
                        .equals(specialty))
                .sorted(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .toList());
        Set<String> seen = new HashSet<>();
        int partition = policies.partition(specialty);
        TopicContent.records(from, Topics.TRAINING_GROUPS, TrainingGroup.class, partition, record -> {
            while (!filtered.isEmpty()
                    && Objects.requireNonNull(filteredAt.get(filtered.peek())) < record.timestamp()) {
                written[0] = filteredBefore(group(filtered.remove()), specialty, fresh, sink, written[0]);
            }
            String id = record.value().getGroupId();
            RescoredGroup group = rescored.groups().get(id);
            if (group != null && group.closedBefore() && seen.add(id)) {
                Optional<TrainingGroup> closed =
                        group.filtered() ? Optional.empty() : Optional.of(group.closed(record.value()));
                written[0] = one(group, closed, specialty, sink, written[0]);
            }
        });
        while (!filtered.isEmpty()) {
            written[0] = filteredBefore(group(filtered.remove()), specialty, fresh, sink, written[0]);
        }
        return written[0];
    }

    private Written filteredBefore(
            RescoredGroup group, String specialty, Map<String, Trajectory> fresh, Sink sink, Written before) {
        Optional<TrainingGroup> closed = group.filtered()
                ? Optional.empty()
                : Optional.of(group.closed((String id) -> Objects.requireNonNull(fresh.get(id), id)));
        return one(group, closed, specialty, sink, before);
    }

    /** Writes a group, or its end where it is filtered. */
    private Written one(
            RescoredGroup group, Optional<TrainingGroup> closed, String specialty, Sink sink, Written before) {
        if (closed.isPresent()) {
            sink.write(Topics.TRAINING_GROUPS, policies.partition(specialty), specialty, closed.get());
            return before.plus(1, group.closedBefore() ? 0 : 1, 0);
        }
        String id = group.group().prompt().getGroupId();
        sink.write(
                Topics.GROUP_OUTCOMES,
                null,
                id,
                outcomes.filtered(
                        id,
                        specialty,
                        "no component of the reward varies",
                        group.group().passRate(),
                        System.currentTimeMillis()));
        return before.plus(0, 0, 1);
    }

    /** Ends the groups that no learner came to, so that all are accounted for. @return how many */
    int endUnused() {
        Set<String> ended = new HashSet<>();
        TopicContent.read(to, Topics.GROUP_OUTCOMES, GroupOutcome.class, outcome -> ended.add(outcome.getGroupId()));
        List<Prompt> open = rescored.groups().values().stream()
                .map(group -> group.group().prompt())
                .filter(prompt -> !ended.contains(prompt.getGroupId()))
                .sorted(Comparator.comparing(Prompt::getGroupId))
                .toList();
        try (Sink sink = new Sink(to)) {
            for (Prompt prompt : open) {
                sink.write(
                        Topics.GROUP_OUTCOMES,
                        null,
                        prompt.getGroupId(),
                        outcomes.untrained(
                                prompt.getGroupId(),
                                PolicyTable.policyOf(prompt),
                                Outcome.UNUSED,
                                "no step had room for it",
                                System.currentTimeMillis()));
            }
        }
        return open.size();
    }

    /** Writes records; closing waits for them. */
    private static final class Sink implements AutoCloseable {
        private final KafkaClients kafka;
        private final Producer<String, SpecificRecord> producer;
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

        Sink(KafkaClients kafka) {
            this.kafka = kafka;
            this.producer = kafka.producer(ROLE);
        }

        /** @param partition null for that of the key */
        void write(Topics topic, @Nullable Integer partition, String key, SpecificRecord value) {
            // Closing waits for it.
            var unused =
                    producer.send(new ProducerRecord<>(kafka.topic(topic), partition, key, value), (at, failed) -> {
                        if (failed != null) {
                            failure.compareAndSet(null, failed);
                        }
                    });
            requireWritten();
        }

        private void requireWritten() {
            Exception failed = failure.get();
            if (failed != null) {
                throw new KafkaException("a record could not be written", failed);
            }
        }

        @Override
        public void close() {
            producer.close();
            requireWritten();
        }
    }
}
