package ai.consilium.monitor.watchdog;

import ai.consilium.platform.service.Impediment;
import ai.consilium.schemas.DiskBeat;
import ai.consilium.schemas.Heartbeat;
import ai.consilium.schemas.ThreadBeat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The processes of a run, by their heartbeats. By the reader's clock, since those of hosts differ. */
final class Processes {
    /** Role of a process that has all roles. */
    private static final String ALL_ROLES = "train";

    private static final int LATE = 3;
    private static final int MOST = 1_000;
    private static final Map<String, AlarmCause> CAUSES = Map.of(
            Impediment.Kind.SCORER_DOWN.label(), AlarmCause.SCORER_DOWN,
            Impediment.Kind.SERVER_DOWN.label(), AlarmCause.SERVER_DOWN,
            Impediment.Kind.ADAPTER_REFUSED.label(), AlarmCause.ADAPTER_MISMATCH);

    private final String own;
    private final long startMs;
    private final Map<String, Heard> byInstance = new LinkedHashMap<>();

    private record Heard(Heartbeat beat, long atMs) {
        boolean fresh(long nowMs) {
            return nowMs - atMs <= LATE * beat.getIntervalMs();
        }

        boolean has(Stage stage) {
            return beat.getRole().equals(stage.label())
                    || beat.getRole().equals(ALL_ROLES)
                    || threads(stage).findAny().isPresent();
        }

        Stream<ThreadBeat> threads(Stage stage) {
            return beat.getThreads().stream().filter(thread -> thread.getRole().equals(stage.label()));
        }

        /** Its threads have ended by themselves. */
        boolean done(Stage stage) {
            return threads(stage).findAny().isPresent()
                    && threads(stage).allMatch(thread -> thread.getState().equals("ended"));
        }

        boolean failed() {
            return beat.getThreads().stream().anyMatch(thread -> thread.getFailure() != null);
        }

        String failure(Stage stage) {
            return threads(stage)
                    .flatMap(thread -> Optional.ofNullable(thread.getFailure()).stream())
                    .findFirst()
                    .orElse("");
        }
    }

    /** @param own name of this process, whose heartbeats tell whether the log can be read */
    Processes(String own, long startMs) {
        this.own = own;
        this.startMs = startMs;
    }

    void add(Heartbeat beat, long nowMs) {
        byInstance.remove(beat.getInstance());
        byInstance.put(beat.getInstance(), new Heard(beat, nowMs));
        if (byInstance.size() > MOST) {
            byInstance.remove(byInstance.keySet().iterator().next());
        }
    }

    /** Whether this process has been heard. */
    boolean live() {
        return byInstance.containsKey(own);
    }

    /** Milliseconds since this process's own heartbeat came back. */
    long blindMs(long nowMs) {
        Heard seen = byInstance.get(own);
        return nowMs - (seen == null ? startMs : seen.atMs());
    }

    List<Sight.Absence> absences(long nowMs) {
        List<Sight.Absence> absences = new ArrayList<>();
        for (Stage stage : Stage.values()) {
            List<Heard> having = byInstance.values().stream()
                    .filter(heard -> heard.has(stage))
                    .toList();
            if (having.stream().noneMatch(heard -> heard.fresh(nowMs) || heard.done(stage))) {
                absences.add(absence(stage, having, nowMs));
            }
        }
        return absences;
    }

    private Sight.Absence absence(Stage stage, List<Heard> having, long nowMs) {
        return having.stream()
                .max(Comparator.comparingLong(Heard::atMs))
                .map(last -> new Sight.Absence(
                        stage, nowMs - last.atMs(), last.beat().getInstance(), last.failure(stage)))
                .orElseGet(() -> new Sight.Absence(stage, nowMs - startMs, "", ""));
    }

    List<Sight.Hindrance> impediments(long nowMs) {
        return Stream.concat(fresh(nowMs), fallen(nowMs))
                .flatMap(heard -> heard.beat().getImpediments().stream())
                .flatMap(told -> Optional.ofNullable(CAUSES.get(told.getKind()))
                        .map(cause -> new Sight.Hindrance(cause, told.getSubject(), told.getReason()))
                        .stream())
                .distinct()
                .toList();
    }

    List<Sight.Disk> disks(long nowMs) {
        List<Sight.Disk> disks = new ArrayList<>();
        fresh(nowMs).forEach(heard -> {
            for (DiskBeat disk : heard.beat().getDisks()) {
                disks.add(new Sight.Disk(
                        "the %s of %s".formatted(disk.getPlace(), heard.beat().getInstance()), disk.getFreeBytes()));
            }
        });
        return disks;
    }

    /** Those that failed, of roles of which none is heard: what kept one before it failed is why its stage is not there. */
    private Stream<Heard> fallen(long nowMs) {
        Set<String> there = fresh(nowMs).map(heard -> heard.beat().getRole()).collect(Collectors.toSet());
        return byInstance.values().stream()
                .filter(heard -> heard.failed() && !there.contains(heard.beat().getRole()));
    }

    private Stream<Heard> fresh(long nowMs) {
        return byInstance.values().stream().filter(heard -> heard.fresh(nowMs));
    }
}
