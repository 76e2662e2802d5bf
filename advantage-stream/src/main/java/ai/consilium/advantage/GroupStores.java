package ai.consilium.advantage;

import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
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

    /** Joins the parts of a key; {@link Intake} lets no id with a control character in. */
    private static final String SEPARATOR = "\u001f";

    private static final StringSerializer STRINGS = new StringSerializer();

    private final KeyValueStore<String, Prompt> prompts;
    private final KeyValueStore<String, String> attempts;
    private final KeyValueStore<String, Trajectory> trajectories;
    private final KeyValueStore<String, Scores> scores;
    private final KeyValueStore<String, byte[]> early;
    private final KeyValueStore<String, String> closed;

    /** The stores of the task that a context belongs to. */
    GroupStores(ProcessorContext<?, ?> context) {
        prompts = context.getStateStore(PROMPTS);
        attempts = context.getStateStore(ATTEMPTS);
        trajectories = context.getStateStore(TRAJECTORIES);
        scores = context.getStateStore(SCORES);
        early = context.getStateStore(EARLY);
        closed = context.getStateStore(CLOSED);
    }

    /** Builders of all stores. */
    static Set<StoreBuilder<?>> builders(RecordSerdes serdes, Function<String, KeyValueBytesStoreSupplier> suppliers) {
        return Set.of(
                builder(suppliers.apply(PROMPTS), serdes.plain(Prompt.class)),
                builder(suppliers.apply(ATTEMPTS), Serdes.String()),
                builder(suppliers.apply(TRAJECTORIES), serdes.plain(Trajectory.class)),
                builder(suppliers.apply(SCORES), serdes.plain(Scores.class)),
                builder(suppliers.apply(EARLY), Serdes.ByteArray()),
                builder(suppliers.apply(CLOSED), Serdes.String()));
    }

    private static <V> StoreBuilder<?> builder(KeyValueBytesStoreSupplier supplier, Serde<V> values) {
        return Stores.keyValueStoreBuilder(supplier, Serdes.String(), values);
    }

    /** The prompt of an open group. */
    @Nullable
    Prompt prompt(String groupId) {
        return prompts.get(groupId);
    }

    void open(Prompt prompt) {
        prompts.put(prompt.getGroupId(), prompt);
    }

    /** Prompts of all open groups. */
    List<Prompt> open() {
        List<Prompt> open = new ArrayList<>();
        try (KeyValueIterator<String, Prompt> entries = prompts.all()) {
            entries.forEachRemaining(entry -> open.add(entry.value));
        }
        return open;
    }

    Attempts attempts(String groupId) {
        List<Attempts.Attempt> inOrder = new ArrayList<>();
        scan(attempts, groupId, (key, text) -> inOrder.add(Attempts.Attempt.parse(text)));
        return new Attempts(inOrder);
    }

    /** Appends an attempt; the trajectory of a member is kept, a superseded one is not. */
    void append(Trajectory trajectory, Attempts before) {
        String groupId = trajectory.getGroupId();
        int sample = trajectory.getSampleIndex();
        String id = trajectory.getTrajectoryId();
        String position = String.format(Locale.ROOT, "%06d", before.inOrder().size());
        attempts.put(groupId + SEPARATOR + position, new Attempts.Attempt(sample, id).text());
        if (!before.members().containsKey(sample)) {
            trajectories.put(groupId + SEPARATOR + id, trajectory);
        }
    }

    /** A member's trajectory. */
    Trajectory trajectory(String groupId, String trajectoryId) {
        return Objects.requireNonNull(trajectories.get(groupId + SEPARATOR + trajectoryId), trajectoryId);
    }

    /** Scores of a group by trajectory id. */
    Map<String, Scores> scores(String groupId) {
        Map<String, Scores> byTrajectory = new HashMap<>();
        scan(scores, groupId, (key, value) -> byTrajectory.put(value.getTrajectoryId(), value));
        return byTrajectory;
    }

    /**
     * Adds what scorers said of a trajectory; of each scorer the first in the log counts.
     *
     * @return false when it says nothing new
     */
    boolean add(Scores incoming) {
        String key = incoming.getGroupId() + SEPARATOR + incoming.getTrajectoryId();
        Scores known = scores.get(key);
        if (known == null) {
            scores.put(key, incoming);
            return true;
        }
        List<Score> all = new ArrayList<>(known.getScores());
        incoming.getScores().stream()
                .filter(score ->
                        known.getScores().stream().noneMatch(k -> k.getScorer().equals(score.getScorer())))
                .forEach(all::add);
        if (all.size() == known.getScores().size()) {
            return false;
        }
        scores.put(key, Scores.newBuilder(known).setScores(all).build());
        return true;
    }

    /** Keeps a record that came before its prompt. */
    void keepEarly(String groupId, Origin origin) {
        String offset = String.format(Locale.ROOT, "%019d", origin.offset());
        early.put(groupId + SEPARATOR + origin.topic() + SEPARATOR + offset, origin.value());
    }

    /** Takes out what came before a group's prompt: per topic in the order of the log. */
    List<Origin> takeEarly(String groupId, int partition) {
        List<Origin> taken = new ArrayList<>();
        scan(early, groupId, (key, bytes) -> taken.add(origin(key, partition, bytes)));
        deleteAll(early, groupId);
        return taken;
    }

    /** Groups of which records came before the prompt. */
    Set<String> earlyGroups() {
        Set<String> groups = new TreeSet<>();
        try (KeyValueIterator<String, byte[]> entries = early.all()) {
            entries.forEachRemaining(entry -> groups.add(entry.key.substring(0, entry.key.indexOf(SEPARATOR))));
        }
        return groups;
    }

    private static Origin origin(String key, int partition, byte[] bytes) {
        List<String> parts = List.of(key.split(SEPARATOR, -1));
        return new Origin(parts.get(1), partition, Long.parseLong(parts.get(2)), parts.get(0), bytes);
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
        prompts.delete(groupId);
        deleteAll(attempts, groupId);
        deleteAll(trajectories, groupId);
        deleteAll(scores, groupId);
    }

    /** Adds a superseded trajectory to the mark of a closed group, so that its scores are known for what they are. */
    void settle(String groupId, ClosedGroup mark, String trajectoryId) {
        closed.put(groupId, mark.withSettled(trajectoryId).text());
    }

    /** Forgets groups that closed before a time. */
    void forgetClosedBefore(long epochMs) {
        List<String> old = new ArrayList<>();
        try (KeyValueIterator<String, String> entries = closed.all()) {
            entries.forEachRemaining(entry -> {
                if (ClosedGroup.parse(entry.value).closedMs() < epochMs) {
                    old.add(entry.key);
                }
            });
        }
        old.forEach(closed::delete);
    }

    private static <V> void scan(KeyValueStore<String, V> store, String groupId, BiConsumer<String, V> each) {
        try (KeyValueIterator<String, V> entries = store.prefixScan(groupId + SEPARATOR, STRINGS)) {
            entries.forEachRemaining(entry -> each.accept(entry.key, entry.value));
        }
    }

    private static <V> void deleteAll(KeyValueStore<String, V> store, String groupId) {
        List<String> keys = new ArrayList<>();
        scan(store, groupId, (key, value) -> keys.add(key));
        keys.forEach(store::delete);
    }
}
