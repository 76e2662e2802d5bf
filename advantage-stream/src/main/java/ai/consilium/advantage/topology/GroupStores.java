package ai.consilium.advantage.topology;

import ai.consilium.advantage.group.Attempts;
import ai.consilium.advantage.group.ClosedGroup;
import ai.consilium.platform.kafka.SourceRecord;
import ai.consilium.schemas.GivenScores;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * A task's state. Every prompt, trajectory and scores record is an entry of its own: a group is never rewritten because a
 * score came in, and whether it is complete is known without loading a token.
 */
final class GroupStores {
    private static final String PROMPTS = "open-prompts";
    private static final String ATTEMPTS = "attempts";
    private static final String TRAJECTORIES = "member-trajectories";
    private static final String SCORES = "member-scores";
    private static final String EARLY = "early-records";
    private static final String CLOSED = "closed-groups";

    /** Joins the parts of a key; {@link RecordValidator} lets no id with a control character in. */
    private static final String SEPARATOR = "\u001f";

    private final KeyValueStore<String, Prompt> prompts;
    private final KeyValueStore<String, String> attempts;
    private final KeyValueStore<String, byte[]> trajectories;
    private final KeyValueStore<String, Scores> scores;
    private final KeyValueStore<String, byte[]> early;
    private final KeyValueStore<String, String> closed;

    private final Function<byte[], Trajectory> decode;
    /**
     * What the stores hold of open groups, trajectories apart: a record must not make its whole group be read again. The
     * stores themselves are only walked once, at the start: looking for the keys of a group in RocksDB steps over the
     * tombstones of all those that ended before.
     */
    private final Map<String, Known> known = new HashMap<>();

    /** Keys of {@link #early} by group, in their order. */
    private final Map<String, SortedSet<String>> earlyKeys = new TreeMap<>();

    private record Known(Prompt prompt, List<Attempts.Attempt> inOrder, Map<String, Scores> scores) {}

    /**
     * The stores of the task that a context belongs to.
     *
     * @param decode reads a trajectory from its bytes on the log
     */
    GroupStores(ProcessorContext<?, ?> context, Function<byte[], Trajectory> decode) {
        this.decode = decode;
        prompts = context.getStateStore(PROMPTS);
        attempts = context.getStateStore(ATTEMPTS);
        trajectories = context.getStateStore(TRAJECTORIES);
        scores = context.getStateStore(SCORES);
        early = context.getStateStore(EARLY);
        closed = context.getStateStore(CLOSED);
        each(prompts, (groupId, prompt) -> known.put(groupId, new Known(prompt, new ArrayList<>(), new HashMap<>())));
        each(attempts, (key, text) -> opened(groupOf(key)).inOrder().add(Attempts.Attempt.parse(text)));
        each(scores, (key, value) -> opened(groupOf(key)).scores().put(value.getTrajectoryId(), value));
        each(early, (key, bytes) -> earlyKeysOf(groupOf(key)).add(key));
    }

    private static <V> void each(KeyValueStore<String, V> store, BiConsumer<String, V> entry) {
        try (KeyValueIterator<String, V> entries = store.all()) {
            entries.forEachRemaining(e -> entry.accept(e.key, e.value));
        }
    }

    private static String groupOf(String key) {
        return key.substring(0, key.indexOf(SEPARATOR));
    }

    /** Builders of all stores. */
    static Set<StoreBuilder<?>> builders(RecordSerdes serdes, Function<String, KeyValueBytesStoreSupplier> suppliers) {
        return Set.of(
                builder(suppliers.apply(PROMPTS), serdes.plain(Prompt.class)),
                builder(suppliers.apply(ATTEMPTS), Serdes.String()),
                builder(suppliers.apply(TRAJECTORIES), Serdes.ByteArray()),
                builder(suppliers.apply(SCORES), serdes.plain(Scores.class)),
                builder(suppliers.apply(EARLY), Serdes.ByteArray()),
                builder(suppliers.apply(CLOSED), Serdes.String()));
    }

    private static <V> StoreBuilder<?> builder(KeyValueBytesStoreSupplier supplier, Serde<V> values) {
        return Stores.keyValueStoreBuilder(supplier, Serdes.String(), values);
    }

    /** The prompt of an open group; null when no such group is open. */
    @Nullable
    Prompt prompt(String groupId) {
        Known group = known.get(groupId);
        return group == null ? null : group.prompt();
    }

    void open(Prompt prompt) {
        prompts.put(prompt.getGroupId(), prompt);
        known.put(prompt.getGroupId(), new Known(prompt, new ArrayList<>(), new HashMap<>()));
    }

    /** Prompts of all open groups. */
    List<Prompt> open() {
        return known.values().stream().map(Known::prompt).toList();
    }

    private Known opened(String groupId) {
        return Objects.requireNonNull(known.get(groupId), groupId);
    }

    Attempts attempts(String groupId) {
        return new Attempts(opened(groupId).inOrder());
    }

    /** The sample that a trajectory of an open group is an attempt at; empty when it has not been read. */
    Optional<Integer> sample(String groupId, String trajectoryId) {
        return opened(groupId).inOrder().stream()
                .filter(attempt -> attempt.trajectoryId().equals(trajectoryId))
                .map(Attempts.Attempt::sample)
                .findFirst();
    }

    /**
     * Appends an attempt; the trajectory of a member is kept, a superseded one is not.
     *
     * @param bytes of the trajectory on the log
     */
    void append(Trajectory trajectory, byte[] bytes, Attempts before) {
        String groupId = trajectory.getGroupId();
        Attempts.Attempt attempt = new Attempts.Attempt(trajectory.getSampleIndex(), trajectory.getTrajectoryId());
        attempts.put(attemptKey(groupId, before.inOrder().size()), attempt.text());
        opened(groupId).inOrder().add(attempt);
        if (!before.members().containsKey(attempt.sample())) {
            trajectories.put(groupId + SEPARATOR + attempt.trajectoryId(), bytes);
        }
    }

    private static String attemptKey(String groupId, int position) {
        return groupId + SEPARATOR + String.format(Locale.ROOT, "%06d", position);
    }

    /** A member's trajectory. */
    Trajectory trajectory(String groupId, String trajectoryId) {
        return decode.apply(Objects.requireNonNull(trajectories.get(groupId + SEPARATOR + trajectoryId), trajectoryId));
    }

    /** Scores of a group by trajectory id. */
    Map<String, Scores> scores(String groupId) {
        return Collections.unmodifiableMap(opened(groupId).scores());
    }

    /**
     * Adds what scorers said of a trajectory; of each scorer the first in the log counts.
     *
     * @return false when it says nothing new
     */
    boolean add(Scores incoming) {
        Scores before = opened(incoming.getGroupId()).scores().get(incoming.getTrajectoryId());
        if (before == null) {
            keep(incoming);
            return true;
        }
        Scores all = GivenScores.with(before, incoming);
        if (all == before) {
            return false;
        }
        keep(all);
        return true;
    }

    private void keep(Scores value) {
        scores.put(value.getGroupId() + SEPARATOR + value.getTrajectoryId(), value);
        opened(value.getGroupId()).scores().put(value.getTrajectoryId(), value);
    }

    /** Keeps a record that came before its prompt, or scores that came before their trajectory. */
    void keepEarly(String groupId, SourceRecord origin) {
        String offset = String.format(Locale.ROOT, "%019d", origin.offset());
        String key = groupId + SEPARATOR + origin.topic() + SEPARATOR + offset;
        early.put(key, origin.value());
        earlyKeysOf(groupId).add(key);
    }

    private SortedSet<String> earlyKeysOf(String groupId) {
        return earlyKeys.computeIfAbsent(groupId, g -> new TreeSet<>());
    }

    /** Takes out what is kept for a group: per topic in the order of the log. */
    List<SourceRecord> takeEarly(String groupId, int partition) {
        SortedSet<String> keys = earlyKeysOf(groupId);
        earlyKeys.remove(groupId);
        return keys.stream()
                .map(key -> origin(key, partition, Objects.requireNonNull(early.delete(key), key)))
                .toList();
    }

    /** Groups for which records are kept. */
    Set<String> earlyGroups() {
        return Collections.unmodifiableSet(earlyKeys.keySet());
    }

    private static SourceRecord origin(String key, int partition, byte[] bytes) {
        List<String> parts = List.of(key.split(SEPARATOR, -1));
        return new SourceRecord(parts.get(1), partition, Long.parseLong(parts.get(2)), parts.get(0), bytes);
    }

    /** The mark of a closed group, as long as it is remembered. */
    @Nullable
    ClosedGroup closed(String groupId) {
        String text = closed.get(groupId);
        return text == null ? null : ClosedGroup.parse(text);
    }

    /** Marks a group as closed and removes the rest of its state. */
    void close(String groupId, ClosedGroup mark) {
        closed.put(groupId, mark.text());
        Known group = known.remove(groupId);
        if (group == null) {
            return;
        }
        prompts.delete(groupId);
        for (int position = 0; position < group.inOrder().size(); position++) {
            attempts.delete(attemptKey(groupId, position));
        }
        new Attempts(group.inOrder()).members().values().forEach(id -> trajectories.delete(groupId + SEPARATOR + id));
        group.scores().keySet().forEach(id -> scores.delete(groupId + SEPARATOR + id));
    }

    /** Adds a superseded trajectory to the mark of a closed group, so that its scores are known for what they are. */
    void settle(String groupId, ClosedGroup mark, String trajectoryId) {
        closed.put(groupId, mark.withSettled(trajectoryId).text());
    }

    /** Forgets groups that closed before a time. */
    void forgetClosedBefore(long epochMs) {
        List<String> old = new ArrayList<>();
        each(closed, (groupId, mark) -> {
            if (ClosedGroup.parse(mark).closedMs() < epochMs) {
                old.add(groupId);
            }
        });
        old.forEach(closed::delete);
    }
}
