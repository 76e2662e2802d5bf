package ai.consilium.learner.rl;

import ai.consilium.learner.rl.GroupAdmission.Verdict;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.TrainingGroup;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The usable groups of one specialty in the order of the log, by batches. A group is judged when it is taken, against the
 * version that stands then, never when it happened to be fetched: so a restart from the same offset makes the same batches.
 */
public final class BatchReader {
    private static final Duration PATIENCE = Duration.ofMillis(100);

    /**
     * A batch.
     *
     * @param groups usable groups
     * @param nextOffset offset after the last group that was looked at
     * @param waitSeconds spent without a group to look at
     */
    public record Batch(List<Usable> groups, long nextOffset, double waitSeconds) {}

    private final String specialty;
    private final LogReader<TrainingGroup> reader;
    private final GroupAdmission admission;
    private final Consumer<Verdict.Refused> refused;
    private final BooleanSupplier noMore;
    private final Deque<ConsumerRecord<String, TrainingGroup>> fetched = new ArrayDeque<>();

    /**
     * Over a reader that stands at the checkpoint's next offset.
     *
     * @param refused hears of every group that is not usable
     * @param noMore whether none is to be waited for; asked when there is none
     */
    public BatchReader(
            String specialty,
            LogReader<TrainingGroup> reader,
            GroupAdmission admission,
            Consumer<Verdict.Refused> refused,
            BooleanSupplier noMore) {
        this.specialty = specialty;
        this.reader = reader;
        this.admission = admission;
        this.refused = refused;
        this.noMore = noMore;
    }

    /**
     * Waits for a batch.
     *
     * @return empty when asked to stop, or when no more groups come
     */
    public Optional<Batch> take(int size, long version, Pulse pulse) {
        List<Usable> groups = new ArrayList<>(size);
        long nextOffset = 0;
        long waitedNanos = 0;
        while (groups.size() < size) {
            if (pulse.stopping()) {
                return Optional.empty();
            }
            ConsumerRecord<String, TrainingGroup> record = fetched.poll();
            if (record == null) {
                pulse.idle("training groups of %s: %d of %d".formatted(specialty, groups.size(), size));
                long start = System.nanoTime();
                fetched.addAll(reader.poll(PATIENCE));
                waitedNanos += System.nanoTime() - start;
                if (fetched.isEmpty() && noMore.getAsBoolean()) {
                    return Optional.empty();
                }
                continue;
            }
            pulse.beat();
            nextOffset = record.offset() + 1;
            Verdict verdict = admission.judge(record.value(), record.timestamp(), version);
            if (verdict instanceof Usable usable) {
                groups.add(usable);
            } else if (verdict instanceof Verdict.Refused refusal) {
                refused.accept(refusal);
            }
        }
        return Optional.of(new Batch(groups, nextOffset, waitedNanos / 1e9));
    }
}
