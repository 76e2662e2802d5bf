package ai.consilium.runlog.provenance;

import ai.consilium.platform.EditDistance;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.GivenScores;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Follows ids through a run's log. Of several records of one thing the first counts, as everywhere. */
public final class ProvenanceReader {
    /** So much of a trajectory's id is enough, if only one begins with it. */
    private static final int SHORTEST_PREFIX = 8;

    private static final int SUGGESTIONS = 3;

    private record Placed<T>(T value, LogPlace place) {}

    private record Near(String id, int distance) {}

    private final KafkaClients kafka;
    private final Map<String, Placed<PolicyUpdate>> versions = new LinkedHashMap<>();
    private final Map<String, Placed<GroupOutcome>> outcomes = new HashMap<>();
    private final Map<String, Placed<Prompt>> prompts = new LinkedHashMap<>();
    private final Map<String, Set<String>> trained = new HashMap<>();

    /** Reads updates, outcomes and prompts; the rest is read for what is asked. */
    public ProvenanceReader(KafkaClients kafka) {
        this.kafka = kafka;
        read(
                Topics.POLICY_UPDATES,
                PolicyUpdate.class,
                null,
                update -> versions.putIfAbsent(
                        TracedVersion.name(
                                update.value().getSpecialty(), update.value().getVersion()),
                        update));
        read(Topics.GROUP_OUTCOMES, GroupOutcome.class, null, outcome -> {
            GroupOutcome value = outcome.value();
            boolean first = outcomes.putIfAbsent(value.getGroupId(), outcome) == null;
            if (first && value.getOutcome() == Outcome.TRAINED) {
                trained.computeIfAbsent(TracedVersion.name(value), name -> new HashSet<>())
                        .add(value.getGroupId());
            }
        });
        read(
                Topics.PROMPTS,
                Prompt.class,
                null,
                prompt -> prompts.putIfAbsent(prompt.value().getGroupId(), prompt));
    }

    /** Names of the published versions, in the order of the log. */
    public List<String> versions() {
        return List.copyOf(versions.keySet());
    }

    /**
     * Follows an id.
     *
     * @param id a version ({@code pediatrics@3}), a group or a trajectory; of the last, its beginning is enough
     * @throws UsageException naming the nearest ids when the run has no such thing
     */
    public Provenance of(String id) {
        if (versions.containsKey(id)) {
            TracedVersion version = version(id);
            return new Provenance(id, Provenance.VERSION, version, groups(version.groupIds()));
        }
        if (prompts.containsKey(id)) {
            return of(id, Provenance.GROUP, groups(List.of(id)).get(0));
        }
        Map<String, String> groupOf = new TreeMap<>();
        read(
                Topics.TRAJECTORIES,
                Trajectory.class,
                null,
                one -> groupOf.put(one.value().getTrajectoryId(), one.value().getGroupId()));
        String trajectory = trajectory(id, groupOf.keySet());
        String group = Objects.requireNonNull(groupOf.get(trajectory));
        if (!prompts.containsKey(group)) {
            throw new UsageException(
                    "trajectory " + trajectory + " belongs to group " + group + ", which has no prompt");
        }
        return of(
                trajectory, Provenance.TRAJECTORY, groups(List.of(group)).get(0).only(trajectory));
    }

    private Provenance of(String id, String kind, TracedGroup group) {
        String name = group.end() == null ? null : group.end().version();
        TracedVersion version = name == null || !versions.containsKey(name) ? null : version(name);
        return new Provenance(id, kind, version, List.of(group));
    }

    private TracedVersion version(String name) {
        Placed<PolicyUpdate> update = Objects.requireNonNull(versions.get(name));
        return TracedVersion.of(update.value(), update.place(), trained.getOrDefault(name, Set.of()));
    }

    private String trajectory(String id, Set<String> known) {
        List<String> found = known.contains(id)
                ? List.of(id)
                : known.stream()
                        .filter(one -> id.length() >= SHORTEST_PREFIX && one.startsWith(id))
                        .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.size() > 1) {
            throw new UsageException(found.size() + " trajectories begin with " + id + "; give more of the id");
        }
        List<String> nearest = Stream.of(versions.keySet(), prompts.keySet(), known)
                .flatMap(Collection::stream)
                .map(one -> new Near(one, EditDistance.between(id, one)))
                .sorted(Comparator.comparingInt(Near::distance))
                .limit(SUGGESTIONS)
                .map(Near::id)
                .toList();
        throw new UsageException("'" + id + "' is no version, group or trajectory of this run"
                + (nearest.isEmpty() ? "; its log is empty" : "; the nearest are " + String.join(", ", nearest)));
    }

    private List<TracedGroup> groups(List<String> ids) {
        Set<String> wanted = new HashSet<>(ids);
        Map<String, Placed<TrainingGroup>> closed = new HashMap<>();
        read(Topics.TRAINING_GROUPS, TrainingGroup.class, null, group -> {
            if (wanted.contains(group.value().getGroupId())) {
                closed.putIfAbsent(group.value().getGroupId(), group);
            }
        });
        Map<String, List<Placed<Trajectory>>> trajectories = new HashMap<>();
        Map<String, Placed<Scores>> scores = new HashMap<>();
        // All records of a group lie in the partition number of its prompt.
        Set<Integer> partitions = ids.stream()
                .map(prompts::get)
                .filter(Objects::nonNull)
                .map(prompt -> prompt.place().partition())
                .collect(Collectors.toCollection(TreeSet::new));
        for (int partition : partitions) {
            read(Topics.TRAJECTORIES, Trajectory.class, partition, one -> {
                if (wanted.contains(one.value().getGroupId())) {
                    trajectories
                            .computeIfAbsent(one.value().getGroupId(), group -> new ArrayList<>())
                            .add(one);
                }
            });
            read(Topics.SCORES, Scores.class, partition, one -> {
                if (wanted.contains(one.value().getGroupId())) {
                    scores.merge(one.value().getTrajectoryId(), one, ProvenanceReader::together);
                }
            });
        }
        return ids.stream()
                .filter(prompts::containsKey)
                .map(id -> group(id, closed.get(id), trajectories.getOrDefault(id, List.of()), scores))
                .toList();
    }

    /** At the place of the first record: one process may have given some of the scores, and another the others. */
    private static Placed<Scores> together(Placed<Scores> first, Placed<Scores> later) {
        return GivenScores.inTime(later.value())
                .map(given -> new Placed<>(GivenScores.with(first.value(), given), first.place()))
                .orElse(first);
    }

    private TracedGroup group(
            String id,
            @Nullable Placed<TrainingGroup> closed,
            List<Placed<Trajectory>> trajectories,
            Map<String, Placed<Scores>> scores) {
        Map<String, Member> members = new HashMap<>();
        if (closed != null) {
            closed.value().getMembers().forEach(member -> members.put(member.getTrajectoryId(), member));
        }
        Set<String> seen = new HashSet<>();
        Set<Integer> samples = new HashSet<>();
        List<TracedSample> traced = new ArrayList<>();
        for (Placed<Trajectory> one : trajectories) {
            String trajectory = one.value().getTrajectoryId();
            if (!seen.add(trajectory)) {
                continue;
            }
            boolean first = samples.add(one.value().getSampleIndex());
            Member member = members.get(trajectory);
            Placed<Scores> scored = scores.get(trajectory);
            traced.add(TracedSample.of(
                    one.value(),
                    one.place(),
                    member != null ? TracedSample.MEMBER : first ? TracedSample.UNCOUNTED : TracedSample.SUPERSEDED,
                    member,
                    scored == null ? null : scored.value(),
                    scored == null ? null : scored.place()));
        }
        traced.sort(Comparator.comparingInt(TracedSample::sample));
        Placed<Prompt> prompt = Objects.requireNonNull(prompts.get(id));
        Placed<GroupOutcome> end = outcomes.get(id);
        return TracedGroup.of(
                prompt.value(),
                prompt.place(),
                closed == null ? null : TracedGroup.closed(closed.value(), closed.place()),
                end == null ? null : TracedGroup.End.of(end.value(), end.place()),
                traced);
    }

    private <T extends SpecificRecord> void read(
            Topics topic, Class<T> type, @Nullable Integer partition, Consumer<Placed<T>> into) {
        TopicContent.records(
                kafka,
                topic,
                type,
                partition,
                record -> into.accept(new Placed<>(record.value(), LogPlace.of(topic, record))));
    }
}
