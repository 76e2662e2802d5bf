package ai.consilium.learner.lineage;

import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of a policy outlive {@code ckpt.keep_last}: those whose examination has not ended, for workers are still to sample
 * with them, and with {@code ckpt.keep_best} the best so far. What is known of examinations comes from the log and may lag behind:
 * then a version goes later, never earlier, since one that is not the best never becomes it. One thread only.
 */
public final class RetainedVersions implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int MOST_POLLS = 10;

    private final Scope scope;
    private final Lineage lineage;
    private final Examinations examinations = new Examinations();
    private final SortedSet<Long> held = new TreeSet<>();
    private final @Nullable LogReader<GroupOutcome> outcomes;
    private boolean begun;

    /**
     * What is asked of a policy's versions.
     *
     * @param policy whose versions
     * @param first version that stays in any case
     * @param validation which of them are examined
     * @param cases on how many cases
     * @param keepBest whether the best is kept
     */
    public record Scope(String policy, long first, ValidationPlan validation, int cases, boolean keepBest) {}

    /** @param lineage that is added to as versions are published */
    public RetainedVersions(Scope scope, Lineage lineage, KafkaClients kafka) {
        this.scope = scope;
        this.lineage = lineage;
        this.outcomes = scope.validation().wanted()
                ? new LogReader<>(
                        kafka, Topics.GROUP_OUTCOMES, GroupOutcome.class, UnusableRecords.LOGGED, null, Map.of())
                : null;
    }

    /**
     * Versions that may go.
     *
     * @param leaving the newest that {@code keep_last} covers no more
     */
    public List<PolicyUpdate> superseded(long leaving) {
        if (!begun) {
            // After a restart some of these are gone already: removing them again changes nothing.
            lineage.before(leaving).stream()
                    .filter(scope.validation()::examines)
                    .forEach(this::hold);
            begun = true;
        }
        lineage.at(leaving).ifPresent(this::hold);
        follow();
        List<PolicyUpdate> superseded = new ArrayList<>();
        for (long version : List.copyOf(held)) {
            PolicyUpdate update = lineage.at(version).orElseThrow();
            if (!needed(update)) {
                superseded.add(update);
                held.remove(version);
            }
        }
        return superseded;
    }

    /** Training waits for it: what cannot be read at once is read the next time. */
    private void follow() {
        if (outcomes != null && !held.isEmpty()) {
            boolean more = true;
            for (int polls = 0; polls < MOST_POLLS && more; polls++) {
                var ended = outcomes.poll(POLL);
                ended.forEach(record -> examinations.add(record.value()));
                more = !ended.isEmpty();
            }
        }
    }

    private void hold(PolicyUpdate update) {
        if (update.getVersion() > scope.first()) {
            held.add(update.getVersion());
        }
    }

    private boolean needed(PolicyUpdate update) {
        if (!scope.validation().examines(update)) {
            return false;
        }
        long version = update.getVersion();
        boolean examined = examinations.ended(scope.policy(), version)
                >= scope.validation().questions(scope.cases());
        return !examined
                || scope.keepBest()
                        && examinations
                                .best(scope.policy(), scope.cases(), scope.first())
                                .filter(best -> best == version)
                                .isPresent();
    }

    /** Versions whose checkpoint is kept beside the newest: where the best is, those that are it or may become it. */
    public Set<Long> checkpoints() {
        return scope.keepBest() ? Collections.unmodifiableSet(held) : Set.of();
    }

    @Override
    public void close() {
        if (outcomes != null) {
            outcomes.close();
        }
    }
}
