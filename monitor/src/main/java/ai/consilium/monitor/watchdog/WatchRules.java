package ai.consilium.monitor.watchdog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is wrong with a run, by what is seen of it. Pure. That something takes long is never a reason: a process that is
 * heard works, however long its batches are.
 */
final class WatchRules {
    /** Groups in a row that say something of a policy, and not of chance. */
    static final int GROUPS = 16;
    /** Completions that do. */
    static final int COMPLETIONS = 64;

    private static final double MOST = 0.9;

    private static final Map<Stage, AlarmCause> MISSING = Map.of(
            Stage.SCHEDULER, AlarmCause.NO_SCHEDULER,
            Stage.ROLLOUT, AlarmCause.NO_WORKERS,
            Stage.REWARD, AlarmCause.NO_REWARD_SERVICE,
            Stage.ADVANTAGE, AlarmCause.NO_ADVANTAGE_STREAM,
            Stage.LEARNER, AlarmCause.NO_LEARNER,
            Stage.MERGER, AlarmCause.NO_MERGER);
    private static final Map<Stage, String> NAMES = Map.of(
            Stage.SCHEDULER, "scheduler, so no prompts come",
            Stage.ROLLOUT, "rollout worker, so nothing is sampled",
            Stage.REWARD, "reward service, so nothing is scored",
            Stage.ADVANTAGE, "advantage stream, so no group is closed",
            Stage.LEARNER, "learner, so nothing is trained",
            Stage.MERGER, "merger, so the experts are not made one agent");

    private WatchRules() {}

    /** Symptoms, the worst stage first in the order of the flow. One that sees nothing says nothing of others. */
    static List<Symptom> of(Sight sight, WatchConfig config) {
        if (!sight.live() || sight.over()) {
            return List.of();
        }
        if (sight.blindMs() > config.absentAfter().toMillis()) {
            return List.of(blind(sight));
        }
        List<Symptom> symptoms = new ArrayList<>();
        sight.absences().forEach(absence -> absent(absence, sight, config).ifPresent(symptoms::add));
        sight.impediments().forEach(hindrance -> symptoms.add(impeded(hindrance)));
        sight.unclosed().flatMap(unclosed -> stuck(unclosed, config)).ifPresent(symptoms::add);
        sight.disks().stream()
                .filter(disk -> disk.freeBytes() < config.minFreeBytes())
                .map(WatchRules::full)
                .forEach(symptoms::add);
        sight.policies().stream().flatMap(WatchRules::ofPolicy).forEach(symptoms::add);
        return symptoms;
    }

    private static Symptom blind(Sight sight) {
        return new Symptom(
                AlarmCause.MONITOR_BLIND,
                "",
                String.format(
                        Locale.ROOT,
                        "the monitor has not read its own heartbeat from the log for %d s, so it cannot tell how the run "
                                + "fares: look at the broker, and at the network between",
                        seconds(sight.blindMs())));
    }

    private static Optional<Symptom> absent(Sight.Absence absence, Sight sight, WatchConfig config) {
        boolean needed = switch (absence.stage()) {
            case SCHEDULER, LEARNER -> true;
            case ROLLOUT, REWARD, ADVANTAGE -> sight.begun();
            case MERGER -> sight.merging();
            case MONITOR -> false;
        };
        if (!needed || absence.forMs() <= config.absentAfter().toMillis()) {
            return Optional.empty();
        }
        AlarmCause cause = MISSING.get(absence.stage());
        String last = absence.last().isEmpty()
                ? "none was heard of yet"
                : String.format(Locale.ROOT, "%s was last heard of %d s ago", absence.last(), seconds(absence.forMs()));
        String failure = absence.failure().isEmpty() ? "" : ", and failed: " + absence.failure();
        return cause == null
                ? Optional.empty()
                : Optional.of(new Symptom(
                        cause,
                        "",
                        "there is no %s (%s%s): start one, or look why it does not go on; consilium run %s"
                                .formatted(
                                        NAMES.get(absence.stage()),
                                        last,
                                        failure,
                                        absence.stage().label())));
    }

    private static Symptom impeded(Sight.Hindrance hindrance) {
        String text = switch (hindrance.cause()) {
            case SCORER_DOWN -> "scorer %s does not answer (%s): start it again, or look at its log";
            case SERVER_DOWN ->
                "the server at %s does not sample (%s): start it again; meanwhile the others do, if there are any";
            default ->
                "%s refuses an adapter (%s): it has another base, precision or version of its software than the learner";
        };
        return new Symptom(
                hindrance.cause(), hindrance.subject(), text.formatted(hindrance.subject(), hindrance.reason()));
    }

    private static Optional<Symptom> stuck(Sight.Unclosed unclosed, WatchConfig config) {
        long limit = config.absentAfter().toMillis();
        if (unclosed.oldestMs() <= limit || unclosed.quietMs() <= limit) {
            return Optional.empty();
        }
        return Optional.of(new Symptom(
                AlarmCause.ADVANTAGE_STUCK,
                "",
                String.format(
                        Locale.ROOT,
                        "%d groups have all their scores, the oldest for %d s, and none is closed: restart the advantage "
                                + "stream; /readyz of its process says what it waits for",
                        unclosed.groups(),
                        seconds(unclosed.oldestMs()))));
    }

    private static Symptom full(Sight.Disk disk) {
        return new Symptom(
                AlarmCause.DISK_FULL,
                disk.name(),
                String.format(
                        Locale.ROOT,
                        "%s has %d MiB left: free some room, or lower ckpt.keep_last and the broker's retention; a full disk "
                                + "stops the run (monitor.watch.min_free_mib is the bound)",
                        disk.name(),
                        disk.freeBytes() >> 20));
    }

    private static Stream<Symptom> ofPolicy(Sight.Evidence seen) {
        List<Symptom> symptoms = new ArrayList<>();
        if (seen.equal() >= GROUPS) {
            symptoms.add(new Symptom(
                    AlarmCause.NO_SIGNAL,
                    seen.policy(),
                    ("the last %d groups of %s teach nothing, since all samples of each are rewarded alike: cases are too easy "
                                    + "or too hard, the temperature is too low, or a scorer says the same of everything")
                            .formatted(seen.equal(), seen.policy())));
        }
        if (seen.refused() >= GROUPS) {
            symptoms.add(new Symptom(
                    AlarmCause.GROUPS_REFUSED,
                    seen.policy(),
                    "none of the last %d groups of %s could be trained on; the last: %s"
                            .formatted(seen.refused(), seen.policy(), seen.lastReason())));
        }
        if (seen.completions() >= COMPLETIONS && seen.cut() >= MOST * seen.completions()) {
            symptoms.add(new Symptom(
                    AlarmCause.ALL_CUT,
                    seen.policy(),
                    "%d of the last %d completions of %s were cut before they had an answer: raise sampling.max_completion_tokens"
                            .formatted(seen.cut(), seen.completions(), seen.policy())));
        }
        return symptoms.stream();
    }

    private static long seconds(long ms) {
        return Math.round(ms / 1000.0);
    }
}
