package ai.consilium.monitor.samples;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of the newest groups lie. Groups that are older than the newest {@link #KEPT} are forgotten: a group takes
 * less than a kilobyte, so the whole takes less than 20 MB. Thread-safe.
 */
public final class GroupIndex {
    /** How many groups can be looked at. */
    public static final int KEPT = 20_000;

    private final int kept;
    private final Map<String, IndexedGroup> groups = new LinkedHashMap<>();
    private long begun;

    /** Of the newest {@link #KEPT}. */
    public GroupIndex() {
        this(KEPT);
    }

    GroupIndex(int kept) {
        this.kept = kept;
    }

    /**
     * What an index has found.
     *
     * @param groups newest first
     * @param indexed groups that were looked through
     * @param begun groups of the run so far
     */
    record Found(List<Summary> groups, long indexed, long begun) {}

    /**
     * A group in a list.
     *
     * @param sequence its place among the groups, for the next page
     * @param right share of right answers; null where none was judged
     * @param score mean over samples of the mean of their scores; null where none is scored
     * @param outcome open while it has none
     * @param trainedVersion null where none was trained on it
     * @param sampledBy oldest version that sampled it; null before the first
     */
    public record Summary(
            long sequence,
            String id,
            String policy,
            String specialty,
            String purpose,
            String caseId,
            Set<String> perspectives,
            int samples,
            @Nullable Double right,
            @Nullable Double score,
            String outcome,
            @Nullable Long trainedVersion,
            @Nullable Long sampledBy,
            long createdMs) {
        static Summary of(IndexedGroup group) {
            return new Summary(
                    group.sequence,
                    group.id,
                    group.policy,
                    group.specialty,
                    group.purpose,
                    group.caseId,
                    new TreeSet<>(group.perspectives),
                    group.perspectives.size(),
                    group.shareRight(),
                    group.meanScore(),
                    group.outcome.isEmpty() ? "open" : group.outcome,
                    group.trainedVersion < 0 ? null : group.trainedVersion,
                    group.newestVersion < 0 ? null : group.oldestVersion,
                    group.createdMs);
        }
    }

    /**
     * Where a group's records lie.
     *
     * @param partition of prompt, trajectories and scores
     * @param prompt offset; -1 where it was not seen
     * @param closed offset in the partition of its policy; -1 where no advantages were published
     */
    record Places(
            String id,
            int partition,
            long prompt,
            List<Long> trajectories,
            List<Long> scores,
            int closedPartition,
            long closed,
            Summary summary) {}

    /** Takes a record of any topic. */
    public synchronized void add(ConsumerRecord<String, ? extends SpecificRecord> record) {
        SpecificRecord value = record.value();
        int partition = record.partition();
        long offset = record.offset();
        if (value instanceof Prompt prompt) {
            group(prompt.getGroupId()).prompt(prompt, partition, offset);
        } else if (value instanceof Trajectory trajectory) {
            group(trajectory.getGroupId()).sampled(trajectory, partition, offset);
        } else if (value instanceof Scores scores) {
            group(scores.getGroupId()).scored(scores, partition, offset);
        } else if (value instanceof TrainingGroup closed) {
            group(closed.getGroupId()).closed(closed, partition, offset);
        } else if (value instanceof GroupOutcome outcome) {
            group(outcome.getGroupId()).ended(outcome);
        }
    }

    private IndexedGroup group(String id) {
        IndexedGroup group = groups.get(id);
        if (group == null) {
            group = new IndexedGroup(id, begun++);
            groups.put(id, group);
            if (groups.size() > kept) {
                groups.remove(groups.keySet().iterator().next());
            }
        }
        return group;
    }

    /**
     * Groups that match, newest first; the text is not looked at.
     *
     * @param before place that all must come before; null begins with the newest
     */
    synchronized Found find(SampleFilter filter, @Nullable Long before, int most) {
        List<IndexedGroup> all = new ArrayList<>(groups.values());
        List<Summary> found = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0 && found.size() < most; i--) {
            IndexedGroup group = all.get(i);
            if ((before == null || group.sequence < before) && filter.matches(group)) {
                found.add(Summary.of(group));
            }
        }
        return new Found(found, groups.size(), begun);
    }

    /** Where a group's records lie; null for one that is not indexed. */
    synchronized @Nullable Places places(String id) {
        IndexedGroup group = groups.get(id);
        return group == null
                ? null
                : new Places(
                        group.id,
                        group.partition,
                        group.promptOffset,
                        List.copyOf(group.trajectories),
                        List.copyOf(group.scores),
                        group.closedPartition,
                        group.closedOffset,
                        Summary.of(group));
    }

    /** Those of several groups that are indexed. */
    synchronized List<Places> places(List<Summary> of) {
        return of.stream()
                .map(summary -> places(summary.id()))
                .filter(Objects::nonNull)
                .toList();
    }

    /** What can be chosen from: names that the indexed groups have. */
    public record Choices(Set<String> policies, Set<String> perspectives, Set<String> outcomes) {}

    synchronized Choices choices() {
        Choices choices = new Choices(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
        for (IndexedGroup group : groups.values()) {
            if (group.promptOffset >= 0) {
                choices.policies().add(group.policy);
                choices.perspectives().addAll(group.perspectives);
                choices.outcomes().add(group.outcome.isEmpty() ? "open" : group.outcome);
            }
        }
        return choices;
    }
}
