package ai.consilium.learner.exchange;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.training.PolicyParts;
import ai.consilium.schemas.GradientShare;
import ai.consilium.schemas.PartShare;
import ai.consilium.schemas.SharedStep;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of the one who trains a policy, of which others may compute parts: it says on the log what is to be computed, and takes
 * what comes. It waits for nobody who has not begun a part, and for nobody for long; without the brokers it computes everything.
 */
public final class StepExchange implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StepExchange.class);
    private static final Duration LOOK = Duration.ofMillis(200);
    /** A compute thread that says what it begins is not to be held up by brokers that are away. */
    private static final Duration ROOM = Duration.ofMillis(500);

    private final LearnerContext context;
    private final QwenConfig model;
    private final Runnable alive;
    private final GradientWriter writer;
    private final LogReader<GradientShare> reader;
    private final Thread follower;
    private volatile @Nullable Under under;
    private volatile boolean closed;

    /** The step that is under way. */
    private record Under(
            long version, String step, PartBoard board, int[] lengths, Map<String, GradientRecords.Assembly> senders) {}

    /**
     * From here on others are heard.
     *
     * @param alive runs now and then while a step waits for others
     */
    public StepExchange(LearnerContext context, Runnable alive) {
        this.context = context;
        this.model = context.inputs().model().config();
        this.alive = alive;
        int partition = context.run().policies().partition(context.specialty());
        this.reader = new LogReader<>(
                context.run().kafka(),
                Topics.GRADIENTS,
                GradientShare.class,
                UnusableRecords.LOGGED,
                partition,
                Map.of());
        this.writer = new GradientWriter(context.run(), context.specialty(), ROOM);
        this.follower = new Thread(this::follow, "learner-" + context.specialty() + "-gradients");
        follower.setDaemon(true);
        reader.seekToEnd();
        follower.start();
    }

    private void follow() {
        try {
            while (!closed) {
                reader.poll(LOOK).forEach(this::take);
            }
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.atWarn()
                        .addKeyValue("reason", String.valueOf(e.getMessage()))
                        .log("gradients of others are not heard any more; this learner computes all parts itself");
            }
        } finally {
            reader.close();
        }
    }

    private void take(ConsumerRecord<String, GradientShare> record) {
        GradientShare share = record.value();
        Under now = under;
        PartShare part = share.getPart();
        boolean own = share.getWriter().equals(writer.name());
        if (now == null || part == null || own || !share.getStep().equals(now.step())) {
            return;
        }
        if (part.getPiece() == 0) {
            now.board().begunElsewhere(part.getPart());
        }
        try {
            now.senders()
                    .computeIfAbsent(share.getWriter(), any -> new GradientRecords.Assembly(now.lengths()))
                    .add(part)
                    .ifPresent(gradient -> now.board().arrived(part.getPart(), gradient));
        } catch (IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("writer", share.getWriter())
                    .addKeyValue("step", now.version())
                    .addKeyValue("part", part.getPart())
                    .log("gradient of a part is not used: {}", e.getMessage());
        }
    }

    /**
     * A step that is about to be taken.
     *
     * @param version that it makes
     * @param before adapter that it changes
     * @param what is to be computed, but for the number of parts
     */
    public Step step(long version, Adapter before, SharedStep what) {
        return new Step(version, before, what);
    }

    private void begun(long version, String step, int part) {
        writer.begun(version, step, part);
        context.faults().reach(FaultPoint.PART, version);
    }

    /** A step that may be shared; one pass over its batch. */
    public final class Step implements PartExchange {
        private final long version;
        private final Adapter before;
        private final SharedStep what;
        private int parts;
        private @Nullable PartBoard board;

        private Step(long version, Adapter before, SharedStep what) {
            this.version = version;
            this.before = before;
            this.what = what;
        }

        @Override
        public Pass begin(int parts) {
            String step = UUID.randomUUID().toString();
            PartBoard open = new PartBoard(parts, System::nanoTime, part -> begun(version, step, part), alive);
            under = new Under(version, step, open, PolicyParts.lengths(model, before), new HashMap<>());
            writer.announce(
                    version, step, SharedStep.newBuilder(what).setParts(parts).build());
            this.parts = parts;
            this.board = open;
            return open;
        }

        /** Of the pass that has ended: how many parts there were, and how many of them others computed. */
        public Map<String, Double> figures() {
            int elsewhere = board == null ? 0 : parts - board.computedHere();
            return Map.of("step_parts", (double) parts, "step_parts_elsewhere", (double) elsewhere);
        }
    }

    @Override
    public void close() {
        closed = true;
        writer.close();
        try {
            follower.join(Duration.ofSeconds(5).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
