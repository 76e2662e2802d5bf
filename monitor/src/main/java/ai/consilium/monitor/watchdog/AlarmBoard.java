package ai.consilium.monitor.watchdog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Which symptoms last: each becomes an alarm once, and ends once. One thread only. */
final class AlarmBoard {
    /** What is gone sooner was on its way; what comes back sooner was not over. */
    static final long STEADY_MS = 3_000;

    private final Map<Symptom.Key, Entry> entries = new LinkedHashMap<>();

    /**
     * What a look changed.
     *
     * @param begun alarms that are new
     * @param ended alarms that are over
     */
    record Changes(List<Alarm> begun, List<Alarm> ended) {}

    private static final class Entry {
        private final long sinceMs;
        private Symptom newest;
        private long seenMs;
        private boolean told;

        Entry(Symptom symptom, long nowMs) {
            this.sinceMs = nowMs;
            this.newest = symptom;
            this.seenMs = nowMs;
        }

        Alarm alarm() {
            return newest.alarm(sinceMs);
        }
    }

    /** Takes note of all that is wrong now. @param clear whether what is not found is over: who sees little cannot tell */
    Changes update(List<Symptom> symptoms, boolean clear, long nowMs) {
        for (Symptom symptom : symptoms) {
            Entry entry = entries.computeIfAbsent(symptom.key(), key -> new Entry(symptom, nowMs));
            entry.newest = symptom;
            entry.seenMs = nowMs;
        }
        if (!clear) {
            entries.values().stream().filter(entry -> entry.told).forEach(entry -> entry.seenMs = nowMs);
        }
        List<Alarm> begun = new ArrayList<>();
        List<Alarm> ended = new ArrayList<>();
        entries.values().removeIf(entry -> {
            boolean gone = nowMs - entry.seenMs > (entry.told ? STEADY_MS : 0);
            if (gone && entry.told) {
                ended.add(entry.alarm());
            } else if (!gone && !entry.told && nowMs - entry.sinceMs >= STEADY_MS) {
                entry.told = true;
                begun.add(entry.alarm());
            }
            return gone;
        });
        return new Changes(begun, ended);
    }

    /** Alarms that stand, the critical ones first, then in the order in which they began. */
    List<Alarm> alarms() {
        return entries.values().stream()
                .filter(entry -> entry.told)
                .sorted(Comparator.comparing(
                                (Entry entry) -> entry.newest.cause().severity().ordinal())
                        .reversed()
                        .thenComparing(entry -> entry.sinceMs))
                .map(Entry::alarm)
                .collect(Collectors.toUnmodifiableList());
    }
}
