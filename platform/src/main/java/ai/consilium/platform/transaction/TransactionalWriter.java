package ai.consilium.platform.transaction;

import ai.consilium.platform.run.RunContext;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one transaction at a time under a fixed transactional id. Opening it fences the previous holder of the id, whose open
 * transaction is aborted; every method throws {@link FencedException} once another holder has opened its own. One thread only.
 */
public final class TransactionalWriter {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionalWriter.class);
    private static final int ATTEMPTS = 3;
    /** Long enough to abort an open transaction, so that it does not hide what others commit. */
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    private final String holder;
    private final String instance;
    private final Producer<String, SpecificRecord> producer;
    private boolean committed;

    private TransactionalWriter(RunContext context, String id, String holder) {
        this.holder = holder;
        this.instance = context.instance();
        this.producer = context.kafka().transactionalProducer(context.kafka().group(id));
    }

    /** What a process does while it holds the id. */
    @FunctionalInterface
    public interface Tenure {
        /** From reading the log, which nobody else changes any more, to the last write. */
        void run(TransactionalWriter writer) throws Exception;
    }

    /** Takes the records of a transaction. */
    @FunctionalInterface
    public interface Sender {
        /** Adds a record; if it cannot be written, the commit throws. */
        void send(ProducerRecord<String, SpecificRecord> record);
    }

    /**
     * Takes the id over and runs what is done under it.
     *
     * <p>A broker that is still aborting the transaction of the previous holder may call the first transaction of the next one
     * invalid. Nothing was written then, and another process may have taken over in the meantime; so the tenure starts again from
     * what is on the log, at most twice, but never after a commit.
     *
     * @param id the transactional id without the run's prefix
     * @param holder what holds it, as messages name it: "scheduler of run r1"
     * @throws FencedException when another process has taken the id over
     */
    public static void hold(RunContext context, String id, String holder, Tenure tenure) throws Exception {
        for (int attempt = 1; ; attempt++) {
            TransactionalWriter writer = new TransactionalWriter(context, id, holder);
            try {
                writer.unlessFenced(writer.producer::initTransactions);
                tenure.run(writer);
                return;
            } catch (KafkaException e) {
                if (writer.committed || attempt == ATTEMPTS || !causedBy(e, InvalidTxnStateException.class)) {
                    throw e;
                }
                LOG.atInfo()
                        .addKeyValue("transactional_id", id)
                        .setCause(e)
                        .log("The broker was still aborting another process's transaction; taking over again");
            } finally {
                writer.close();
            }
        }
    }

    /**
     * Writes records in one transaction.
     *
     * @throws FencedException when another process has taken over; nothing is written then
     */
    public void write(List<ProducerRecord<String, SpecificRecord>> records) {
        write(sender -> records.forEach(sender::send));
    }

    /**
     * Writes what is sent in one transaction, and aborts it when something cannot be written.
     *
     * @throws FencedException when another process has taken over; nothing is written then
     */
    public void write(Consumer<Sender> sending) {
        unlessFenced(() -> {
            producer.beginTransaction();
            try {
                sending.accept(this::send);
                producer.commitTransaction();
            } catch (KafkaException e) {
                if (!fenced(e)) {
                    abort(e);
                }
                throw e;
            }
        });
        committed = true;
    }

    private void send(ProducerRecord<String, SpecificRecord> record) {
        // The commit throws what went wrong with it.
        var unused = producer.send(record);
    }

    /** A commit whose fate is unknown cannot be aborted either; that must not hide what went wrong. */
    private void abort(KafkaException why) {
        try {
            producer.abortTransaction();
        } catch (KafkaException | IllegalStateException e) {
            why.addSuppressed(e);
        }
    }

    /** An interrupted thread still closes its client in order, or the transaction would stay open and its connections linger. */
    private void close() {
        boolean interrupted = Thread.interrupted();
        try {
            producer.close(CLOSE_WITHIN);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void unlessFenced(Runnable work) {
        try {
            work.run();
        } catch (KafkaException e) {
            if (fenced(e)) {
                throw new FencedException(holder, instance, e);
            }
            throw e;
        }
    }

    private static boolean fenced(Throwable e) {
        return causedBy(e, ProducerFencedException.class) || causedBy(e, InvalidProducerEpochException.class);
    }

    private static boolean causedBy(Throwable e, Class<? extends Throwable> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
