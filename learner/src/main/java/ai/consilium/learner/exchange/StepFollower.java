package ai.consilium.learner.exchange;

import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.exchange.PartGradient;
import ai.consilium.schemas.GradientShare;
import ai.consilium.schemas.PartShare;
import ai.consilium.schemas.SharedStep;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The steps of another learner, as the log tells of them, and which of their parts nobody has begun. Of two that begin a part, the
 * one that stands first on the log computes it. One thread.
 */
public final class StepFollower implements AutoCloseable {
    private static final Duration ROOM = Duration.ofSeconds(30);
    /** Until this process's own word is there; without it somebody else may be first. */
    private static final Duration SEEN_WITHIN = Duration.ofSeconds(5);

    private static final Duration LOOK = Duration.ofMillis(20);

    private final LogReader<GradientShare> reader;
    private final GradientWriter writer;
    private final Map<Integer, String> begunBy = new HashMap<>();
    private @Nullable Announced newest;

    /** A step. @param step its id */
    public record Announced(long version, String step, SharedStep what) {}

    /** Follows those of a policy from here on. */
    public StepFollower(RunContext run, String policy) {
        this.reader = new LogReader<>(
                run.kafka(),
                Topics.GRADIENTS,
                GradientShare.class,
                UnusableRecords.LOGGED,
                run.policies().partition(policy),
                Map.of());
        this.writer = new GradientWriter(run, policy, ROOM);
        reader.seekToEnd();
    }

    /** Reads on. @return the newest step, if parts of it are left that nobody has begun */
    public Optional<Announced> look(Duration patience) {
        reader.poll(patience).forEach(this::take);
        return Optional.ofNullable(newest).filter(step -> next(step).isPresent());
    }

    private OptionalInt next(Announced step) {
        return IntStream.range(0, step.what().getParts())
                .filter(part -> !begunBy.containsKey(part))
                .findFirst();
    }

    private void take(ConsumerRecord<String, GradientShare> record) {
        GradientShare share = record.value();
        SharedStep what = share.getAnnounced();
        PartShare part = share.getPart();
        if (what != null) {
            newest = new Announced(share.getVersion(), share.getStep(), what);
            begunBy.clear();
        } else if (part != null && newest != null && newest.step().equals(share.getStep())) {
            begunBy.putIfAbsent(part.getPart(), share.getWriter());
        }
    }

    /** Begins a part of a step. @return which; empty where others were faster, or another step has come */
    public OptionalInt take(Announced step) {
        long end = System.nanoTime() + SEEN_WITHIN.toNanos();
        while (step.equals(newest) && System.nanoTime() < end) {
            OptionalInt part = next(step);
            if (part.isEmpty()) {
                return OptionalInt.empty();
            }
            writer.begun(step.version(), step.step(), part.getAsInt());
            while (!begunBy.containsKey(part.getAsInt()) && step.equals(newest) && System.nanoTime() < end) {
                reader.poll(LOOK).forEach(this::take);
            }
            if (writer.name().equals(begunBy.get(part.getAsInt()))) {
                return part;
            }
        }
        return OptionalInt.empty();
    }

    /** Sends what a part gives. */
    public void send(Announced step, int part, PartGradient gradient) {
        writer.computed(step.version(), step.step(), part, gradient);
    }

    /** Has nothing to do with the newest step any more. */
    public void giveUp() {
        newest = null;
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
