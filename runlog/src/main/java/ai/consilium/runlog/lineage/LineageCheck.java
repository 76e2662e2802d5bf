package ai.consilium.runlog.lineage;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.lineage.LineageFollower.Followed;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Whether lineage files say what the log says. Each is derived anew and compared byte for byte; of an ancestor the hash of its file
 * as it lies there must be the one that is named, so that a file that was changed is named itself and breaks the chain behind it.
 *
 * @param versions that were compared
 * @param groups of them, each by the hash of its record
 * @param pending versions that were published last, and have no file yet
 * @param heads of each policy the newest version's file with its hash: who keeps these elsewhere finds a chain that was made anew
 * @param derived what the log says of each version
 * @param differences none if all is as it should be
 */
public record LineageCheck(
        int versions,
        int groups,
        List<String> pending,
        Map<String, String> heads,
        List<Followed> derived,
        List<Difference> differences) {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ANCESTOR = "/lineage_sha256";

    /**
     * What is not as it should be.
     *
     * @param where a file or a record
     */
    public record Difference(String where, String what) {}

    /**
     * Compares.
     *
     * @param version whose file, and the files of all that it came of, are looked at; empty: all
     * @throws UsageException when there are no files, or no such version
     */
    public static LineageCheck of(KafkaClients kafka, String runId, LineageFiles files, Optional<String> version) {
        List<String> there = files.versions();
        if (there.isEmpty()) {
            throw new UsageException("--verify: no lineage files in " + files.directory());
        }
        Map<String, Followed> derived = new LinkedHashMap<>();
        try (LineageFollower log = new LineageFollower(kafka, runId, files, true)) {
            do {
                log.poll(POLL).forEach(one -> derived.put(one.record().version(), one));
            } while (!log.caughtUp());
        }
        version.filter(name -> !derived.containsKey(name)).ifPresent(name -> {
            throw new UsageException("--verify: '" + name + "' is no version of this run");
        });
        Set<String> wanted = version.map(name -> closure(name, derived)).orElse(derived.keySet());
        List<Difference> differences = new ArrayList<>();
        List<String> pending = new ArrayList<>();
        Map<String, String> heads = new TreeMap<>();
        int groups = 0;
        List<Followed> looked = derived.values().stream()
                .filter(one -> wanted.contains(one.record().version()))
                .toList();
        for (Followed one : looked) {
            LineageRecord record = one.record();
            groups += record.groups().size();
            Optional<byte[]> file = files.read(record.version());
            if (file.isEmpty()) {
                pending.add(record.version());
                continue;
            }
            // Only the last may lack theirs.
            pending.forEach(
                    name -> differences.add(new Difference(files.file(name).toString(), "is missing")));
            pending.clear();
            heads.put(
                    record.policy(),
                    record.version() + " " + files.sha256(record.version()).orElse(""));
            differences.addAll(compare(record, file.get(), files));
        }
        if (version.isEmpty()) {
            there.stream()
                    .filter(name -> !derived.containsKey(name))
                    .forEach(name -> differences.add(
                            new Difference(files.file(name).toString(), "is of a version that is not on the log")));
        }
        return new LineageCheck(looked.size(), groups, pending, heads, looked, differences);
    }

    private static Set<String> closure(String version, Map<String, Followed> derived) {
        Set<String> found = new HashSet<>();
        Deque<String> next = new ArrayDeque<>(List.of(version));
        while (!next.isEmpty()) {
            String name = next.pop();
            Followed one = derived.get(name);
            if (one != null && found.add(name)) {
                Stream.concat(
                                one.record().parents().stream(),
                                Stream.ofNullable(one.record().previous()))
                        .forEach(ancestor -> next.push(ancestor.version()));
            }
        }
        return found;
    }

    private static List<Difference> compare(LineageRecord log, byte[] file, LineageFiles files) {
        byte[] wanted = log.toJson();
        if (Arrays.equals(wanted, file)) {
            return List.of();
        }
        String where = files.file(log.version()).toString();
        try {
            Map<String, String> said = new LinkedHashMap<>();
            leaves("", JSON.readTree(file), said);
            Map<String, String> onLog = new LinkedHashMap<>();
            leaves("", JSON.readTree(wanted), onLog);
            List<Difference> differences = new ArrayList<>();
            Stream.concat(onLog.keySet().stream(), said.keySet().stream())
                    .distinct()
                    .filter(path -> !Objects.equals(onLog.get(path), said.get(path)))
                    .forEach(path -> differences.add(new Difference(where, told(path, said, onLog))));
            if (differences.isEmpty()) {
                differences.add(new Difference(where, "says what the log says, but not in its canonical form"));
            }
            return differences;
        } catch (IOException broken) {
            return List.of(new Difference(where, "is no JSON"));
        }
    }

    private static String told(String path, Map<String, String> said, Map<String, String> onLog) {
        String parent = path.substring(0, path.lastIndexOf('/'));
        String here = said.getOrDefault(path, "nothing");
        String there = onLog.getOrDefault(path, "nothing");
        if (path.endsWith(ANCESTOR)) {
            return "the chain is broken: it names %s of %s, whose file has %s"
                    .formatted(here, said.getOrDefault(parent + "/version", "?"), there);
        }
        String place = said.get(parent + "/place");
        String record = place == null ? "" : "; this file or the record " + place + " was changed";
        return "%s is %s, but by the log %s%s".formatted(path.substring(1), here, there, record);
    }

    private static void leaves(String path, JsonNode node, Map<String, String> into) {
        if (node.isObject()) {
            node.properties().forEach(field -> leaves(path + "/" + field.getKey(), field.getValue(), into));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                leaves(path + "/" + i, node.get(i), into);
            }
        } else {
            into.put(path, node.asText());
        }
    }
}
