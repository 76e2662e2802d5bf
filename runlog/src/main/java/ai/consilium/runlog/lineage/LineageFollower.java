package ai.consilium.runlog.lineage;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.runlog.lineage.LineageRecord.Ancestor;
import ai.consilium.runlog.provenance.LogPlace;
import ai.consilium.schemas.Consumed;
import ai.consilium.schemas.FoldedAgent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Follows the published versions of a run and derives the lineage of each from the log. Of several records of one version the
 * first counts. Writes nothing. One thread only.
 */
public final class LineageFollower implements AutoCloseable {
    private static final String BASE_MODEL = "model.sha256";
    private static final String CASES = "data_root/";
    private static final String SHA256 = ".sha256";

    /** @param record what was derived, or what the version's file says where it is not derived again */
    public record Followed(PolicyUpdate update, LineageRecord record) {}

    private final KafkaClients kafka;
    private final String runId;
    private final LineageFiles files;
    private final boolean anew;
    private final LogReader<PolicyUpdate> updates;
    private final RunFacts facts;
    private final Map<String, String> derived = new HashMap<>();
    private final Map<String, Ancestor> newest = new HashMap<>();
    private final Map<Integer, Long> consumedTo = new HashMap<>();
    private @Nullable GroupDigests groups;

    /**
     * From the beginning of the log.
     *
     * @param files those that lie there already: of an ancestor that has one, its hash is that of its file as it is
     * @param anew whether versions that have a file are derived as well
     */
    public LineageFollower(KafkaClients kafka, String runId, LineageFiles files, boolean anew) {
        this.kafka = kafka;
        this.runId = runId;
        this.files = files;
        this.anew = anew;
        this.facts = new RunFacts(kafka);
        this.updates = new LogReader<>(
                kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, UnusableRecords.LOGGED, null, Map.of());
    }

    /** The next versions, in the order of the log; none when none came in time. */
    public List<Followed> poll(Duration timeout) {
        List<Followed> followed = new ArrayList<>();
        List<ConsumerRecord<String, Decoded<PolicyUpdate>>> polled = updates.pollWhole(timeout);
        if (!polled.isEmpty()) {
            // Once for all of them: a broker takes a tenth of a second to say that there are no more.
            facts.catchUp();
        }
        for (ConsumerRecord<String, Decoded<PolicyUpdate>> record : polled) {
            PolicyUpdate update = Objects.requireNonNull(record.value().value());
            if (!derived.containsKey(name(update))) {
                followed.add(new Followed(update, follow(record, update)));
            }
        }
        return followed;
    }

    /** Whether all that is on the log by now has been handed out. */
    public boolean caughtUp() {
        return updates.caughtUp();
    }

    private LineageRecord follow(ConsumerRecord<String, Decoded<PolicyUpdate>> record, PolicyUpdate update) {
        String name = name(update);
        LineageRecord lineage =
                (anew ? Optional.<LineageRecord>empty() : written(name)).orElseGet(() -> derive(record, update));
        derived.put(name, lineage.sha256());
        newest.put(update.getSpecialty(), ancestor(name, update.getAdapterHash()));
        update.getConsumed().forEach(range -> {
            consumedTo.merge(range.getPartition(), range.getToOffset(), Math::max);
            if (groups != null) {
                groups.forget(range);
            }
        });
        return lineage;
    }

    /** A file that was cut short, by a power cut, is derived again. */
    private Optional<LineageRecord> written(String name) {
        try {
            Optional<byte[]> file = files.read(name);
            return file.isEmpty() ? Optional.empty() : Optional.of(LineageRecord.fromJson(file.get()));
        } catch (IOException broken) {
            return Optional.empty();
        }
    }

    private static String name(PolicyUpdate update) {
        return LineageRecord.name(update.getSpecialty(), update.getVersion());
    }

    private Ancestor ancestor(String name, String adapterHash) {
        return new Ancestor(name, adapterHash, files.sha256(name).orElse(derived.get(name)));
    }

    private LineageRecord derive(ConsumerRecord<String, Decoded<PolicyUpdate>> record, PolicyUpdate update) {
        Optional<RunFacts.Manifest> manifest = facts.manifestAt(update.getCreatedMs());
        Map<String, String> settings =
                manifest.map(found -> found.value().getSettings()).orElse(Map.of());
        List<LineageRecord.Group> trained = new ArrayList<>();
        MessageDigest trajectories = DigestUtils.getSha256Digest();
        int count = 0;
        SortedSet<String> scoring = new TreeSet<>();
        update.getConsumed().forEach(range -> groups().readTo(range));
        for (String id : update.getGroupIds()) {
            Optional<GroupDigests.Digest> found = update.getConsumed().stream()
                    .flatMap(range -> groups().of(range.getPartition(), id).stream())
                    .findFirst();
            List<String> ids = found.map(GroupDigests.Digest::trajectoryIds).orElse(List.of());
            ids.forEach(one -> trajectories.update((one + "\n").getBytes(StandardCharsets.UTF_8)));
            count += ids.size();
            String config = found.map(GroupDigests.Digest::scoring)
                    .filter(hash -> !hash.isEmpty())
                    .orElse(null);
            if (config != null) {
                scoring.add(config);
            }
            trained.add(new LineageRecord.Group(
                    id,
                    found.map(digest -> digest.place().toString()).orElse(null),
                    found.map(GroupDigests.Digest::sha256).orElse(null),
                    config,
                    ids.size()));
        }
        return new LineageRecord(
                LineageRecord.FORMAT,
                runId,
                name(update),
                update.getKind().name().toLowerCase(Locale.ROOT),
                update.getFinalVersion(),
                update.getRound(),
                Instant.ofEpochMilli(update.getCreatedMs()).toString(),
                update.getWriter(),
                manifest.map(found -> found.value().getVersion()).orElse(null),
                new LineageRecord.Placed(
                        LogPlace.of(Topics.POLICY_UPDATES, record).toString(),
                        DigestUtils.sha256Hex(record.value().bytes())),
                manifest.map(RunFacts.Manifest::placed).orElse(null),
                settings.get(BASE_MODEL),
                cases(settings),
                update.getConfigHash(),
                new LineageRecord.AdapterFile(
                        update.getAdapterHash(),
                        update.getAdapterSha256().isEmpty() ? null : update.getAdapterSha256(),
                        update.getAdapterBytes(),
                        base(update.getFoldedAgent())),
                newest.get(update.getSpecialty()),
                update.getParents().stream()
                        .map(parent -> ancestor(
                                LineageRecord.name(parent.getSpecialty(), parent.getVersion()),
                                parent.getAdapterHash()))
                        .toList(),
                update.getConsumed().stream().map(this::range).toList(),
                trained,
                new LineageRecord.Trajectories(count, HexFormat.of().formatHex(trajectories.digest())),
                scoring.stream().map(facts::scoring).toList(),
                LineageRecord.Recorded.of(settings));
    }

    private static LineageRecord.@Nullable FoldedBase base(@Nullable FoldedAgent agent) {
        return agent == null
                ? null
                : new LineageRecord.FoldedBase(
                        LineageRecord.name(Topics.UNIFIED, agent.getVersion()),
                        agent.getAdapterHash(),
                        agent.getWeightsSha256(),
                        agent.getWholeHash());
    }

    /** Opened when the first group is asked for, behind what is consumed by then. */
    private GroupDigests groups() {
        if (groups == null) {
            groups = new GroupDigests(kafka, consumedTo);
        }
        return groups;
    }

    private LineageRecord.Range range(Consumed range) {
        boolean own = range.getTopic().equals(kafka.topic(Topics.TRAINING_GROUPS));
        return new LineageRecord.Range(
                own ? Topics.TRAINING_GROUPS.baseName() : range.getTopic(),
                range.getPartition(),
                range.getFromOffset(),
                range.getToOffset());
    }

    private static SortedMap<String, String> cases(Map<String, String> settings) {
        SortedMap<String, String> cases = new TreeMap<>();
        settings.forEach((key, value) -> {
            if (key.startsWith(CASES) && key.endsWith(SHA256)) {
                cases.put(key.substring(CASES.length(), key.length() - SHA256.length()), value);
            }
        });
        return cases;
    }

    @Override
    public void close() {
        updates.close();
        facts.close();
        if (groups != null) {
            groups.close();
        }
    }
}
