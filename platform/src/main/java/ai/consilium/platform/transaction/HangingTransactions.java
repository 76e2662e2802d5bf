package ai.consilium.platform.transaction;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.coordinator.transaction.TransactionMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the transactions that hang: a partition holds them open, and their coordinator has done with them, so that nobody will
 * ever end them. Readers of committed records, and the groups whose offsets they hold, would wait for ever. A transaction that its
 * coordinator still knows is left to it: it may be a living producer's, and ends by its own timeout otherwise.
 *
 * <p>A hanging transaction ends as its coordinator had decided; one that was never decided is aborted.
 */
public final class HangingTransactions {
    private static final Logger LOG = LoggerFactory.getLogger(HangingTransactions.class);
    /** Of one question to the brokers. */
    private static final Duration CALL = Duration.ofSeconds(15);

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** What is waited for. */
    private record Holder(
            OpenTransaction transaction, @Nullable String transactionalId, String reason) {
        boolean sameAs(Holder other) {
            return transaction.sameAs(other.transaction);
        }

        @Override
        public String toString() {
            Duration age = Duration.between(transaction.lastWrite(), Instant.now());
            return transaction.partition() + " is held by a transaction that " + reason + ": transactional id "
                    + Objects.requireNonNullElse(transactionalId, "unknown") + ", producer id "
                    + transaction.producerId() + ", epoch " + transaction.producerEpoch() + ", first offset "
                    + transaction.startOffset() + ", last write at " + transaction.lastWrite() + " (" + age.toSeconds()
                    + " s ago)";
        }
    }

    private final KafkaClients kafka;
    private final Admin admin;
    private final OpenTransactions open;

    private HangingTransactions(KafkaClients kafka, Admin admin) {
        this.kafka = kafka;
        this.admin = admin;
        this.open = new OpenTransactions(kafka, admin);
    }

    /**
     * Ends those on the run's partitions; returns at once when there is none. Called before any role reads.
     *
     * @throws UsageException within a minute, naming partition, producer and age, when one cannot be ended
     */
    public static void end(KafkaClients kafka) {
        end(kafka, PATIENCE);
    }

    static void end(KafkaClients kafka, Duration patience) {
        Map<String, Object> properties = kafka.connectionProperties();
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(CALL.toMillis()));
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(CALL.toMillis()));
        try (Admin admin = Admin.create(properties)) {
            new HangingTransactions(kafka, admin).endAll(System.nanoTime() + patience.toNanos());
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new UsageException(
                    "kafka: the open transactions of the run could not be examined: " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private void endAll(long deadline) throws InterruptedException, ExecutionException {
        List<Holder> holders = endOnce();
        while (!holders.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw refusal(holders.get(0));
            }
            Thread.sleep(PAUSE.toMillis());
            List<Holder> before = holders;
            // What began later is a living producer's.
            holders = endOnce().stream()
                    .filter(holder -> before.stream().anyMatch(holder::sameAs))
                    .toList();
        }
    }

    private static UsageException refusal(Holder holder) {
        return new UsageException("kafka: " + holder);
    }

    /** Ends what hangs now. @return what was found hanging or about to end, to be looked at again */
    private List<Holder> endOnce() throws InterruptedException, ExecutionException {
        List<OpenTransaction> found = open.find();
        if (found.isEmpty()) {
            return List.of();
        }
        Map<Long, String> owners = open.owners(found);
        Map<String, TransactionDescription> described = open.describeOwners(owners.values());
        List<Holder> holders = new ArrayList<>();
        List<OpenTransaction> over = new ArrayList<>();
        for (OpenTransaction transaction : found) {
            String id = owners.get(transaction.producerId());
            if (open.isOwn(transaction, id)) {
                switch (stage(transaction, id == null ? null : described.get(id))) {
                    case OPEN -> {}
                    case ENDING -> holders.add(new Holder(transaction, id, "its coordinator is ending"));
                    case OVER -> over.add(transaction);
                }
            }
        }
        // One that ended between the two questions looked over. A coordinator has done with a transaction only when all
        // its markers are written: what is open still, hangs.
        Set<OpenTransaction> hanging = open.stillOpen(over);
        if (!hanging.isEmpty()) {
            holders.addAll(end(hanging, owners));
        }
        return holders;
    }

    private static TransactionStage stage(OpenTransaction transaction, @Nullable TransactionDescription description) {
        if (description == null
                || description.producerId() != transaction.producerId()
                || !description.topicPartitions().contains(transaction.partition())) {
            return TransactionStage.OVER;
        }
        return description.state() == TransactionState.ONGOING ? TransactionStage.OPEN : TransactionStage.ENDING;
    }

    /** @return those of the run's own, with how it went, for the message should one stay open */
    private List<Holder> end(Set<OpenTransaction> hanging, Map<Long, String> owners)
            throws InterruptedException, ExecutionException {
        TransactionHistory history = readHistory();
        List<Holder> holders = new ArrayList<>();
        for (OpenTransaction transaction : hanging) {
            List<TransactionMetadata> records = history == null ? List.of() : history.of(transaction.producerId());
            String id = records.isEmpty()
                    ? owners.get(transaction.producerId())
                    : records.get(0).transactionalId();
            if (!open.isOwn(transaction, id)) {
                continue;
            }
            // A coordinator that is loading, or moving, knows nothing for a moment; what it wrote down holds.
            if (history == null) {
                holders.add(new Holder(transaction, id, "may hang (no access to the coordinators' records)"));
            } else if (history.stage(transaction) == TransactionStage.ENDING) {
                holders.add(new Holder(transaction, id, "its coordinator is ending"));
            } else if (history.stage(transaction) == TransactionStage.OVER) {
                holders.add(new Holder(
                        transaction, id, end(transaction, id, TransactionDecision.of(transaction, records))));
            }
        }
        return holders;
    }

    /** Null when it cannot be read, as where the topic is not open to this client. */
    private @Nullable TransactionHistory readHistory() {
        try {
            return TransactionHistory.read(kafka, CALL);
        } catch (KafkaException e) {
            LOG.atWarn().setCause(e).log("the transaction coordinators' topic cannot be read");
            return null;
        }
    }

    private String end(OpenTransaction transaction, @Nullable String id, TransactionDecision decision)
            throws InterruptedException {
        if (decision == TransactionDecision.UNKNOWN) {
            throw refusal(new Holder(
                    transaction,
                    id,
                    "nobody will end, and whether it was committed is not known any more"
                            + " (kafka-transactions.sh abort ends it; if it was committed, its records are lost)"));
        }
        try {
            write(decision, transaction);
            LOG.atWarn()
                    .addKeyValue("partition", transaction.partition())
                    .addKeyValue("transactional_id", id)
                    .addKeyValue("producer_id", transaction.producerId())
                    .addKeyValue("producer_epoch", transaction.producerEpoch())
                    .addKeyValue("first_offset", transaction.startOffset())
                    .addKeyValue("last_write", transaction.lastWrite())
                    .addKeyValue("decision", decision)
                    .log("ended a hanging transaction");
            return "is open although its marker was written";
        } catch (ExecutionException | KafkaException e) {
            Throwable cause = e instanceof ExecutionException ? Objects.requireNonNullElse(e.getCause(), e) : e;
            Holder holder = new Holder(transaction, id, "cannot be ended (" + cause.getMessage() + ")");
            if (cause instanceof AuthorizationException) {
                throw new UsageException("kafka: " + holder, cause);
            }
            // The next look shows whether it is in the way still: another process may have ended it first.
            return holder.reason();
        }
    }

    private void write(TransactionDecision decision, OpenTransaction transaction)
            throws InterruptedException, ExecutionException {
        if (decision == TransactionDecision.COMMIT) {
            CommitMarker.write(kafka, leader(transaction), transaction, CALL);
        } else {
            admin.abortTransaction(new AbortTransactionSpec(
                            transaction.partition(),
                            transaction.producerId(),
                            transaction.producerEpoch(),
                            transaction.coordinatorEpoch()))
                    .all()
                    .get();
        }
    }

    private Node leader(OpenTransaction transaction) throws InterruptedException, ExecutionException {
        String topic = transaction.partition().topic();
        TopicDescription described =
                admin.describeTopics(Set.of(topic)).allTopicNames().get().get(topic);
        return Objects.requireNonNull(described).partitions().stream()
                .filter(info -> info.partition() == transaction.partition().partition())
                .map(TopicPartitionInfo::leader)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new KafkaException(transaction.partition() + " has no leader"));
    }
}
