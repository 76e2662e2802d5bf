package ai.consilium.platform.transaction;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.internals.Topic;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the transactions that the partitions of a run hold open, and what their coordinators say of them. */
final class OpenTransactions {
    private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

    private final Admin admin;
    private final KafkaClients kafka;
    private final String own;
    private final Set<String> unreadable = new HashSet<>();

    OpenTransactions(KafkaClients kafka, Admin admin) {
        this.kafka = kafka;
        this.admin = admin;
        this.own = kafka.group("");
    }

    /** On the run's topics, the streams' internal ones among them, and where the offsets of the run's groups lie. */
    List<OpenTransaction> find() throws InterruptedException, ExecutionException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (TopicDescription topic : describe(ownTopics()).values()) {
            topic.partitions().forEach(p -> partitions.add(new TopicPartition(topic.name(), p.partition())));
        }
        partitions.addAll(offsetPartitions());
        return on(partitions);
    }

    /** Which of these are open still. */
    Set<OpenTransaction> stillOpen(Collection<OpenTransaction> transactions)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, List<OpenTransaction>> now =
                on(transactions.stream().map(OpenTransaction::partition).collect(Collectors.toSet())).stream()
                        .collect(Collectors.groupingBy(OpenTransaction::partition));
        return transactions.stream()
                .filter(transaction -> now.getOrDefault(transaction.partition(), List.of()).stream()
                        .anyMatch(transaction::sameAs))
                .collect(Collectors.toSet());
    }

    private List<OpenTransaction> on(Collection<TopicPartition> partitions)
            throws InterruptedException, ExecutionException {
        List<OpenTransaction> open = new ArrayList<>();
        var described = admin.describeProducers(partitions);
        for (TopicPartition partition : partitions) {
            try {
                described.partitionResult(partition).get().activeProducers().stream()
                        .filter(producer ->
                                producer.currentTransactionStartOffset().isPresent())
                        .forEach(producer -> open.add(OpenTransaction.of(partition, producer)));
            } catch (ExecutionException e) {
                skip(partition.topic(), e);
            }
        }
        return open;
    }

    /** Who may not look at a topic's producers may still work with it. */
    private void skip(String topic, ExecutionException e) throws ExecutionException {
        if (!(e.getCause() instanceof AuthorizationException)) {
            throw e;
        }
        if (unreadable.add(topic)) {
            LOG.atWarn()
                    .addKeyValue("topic", topic)
                    .log("not allowed to describe producers: hanging transactions on this topic would not be found");
        }
    }

    private List<String> ownTopics() throws InterruptedException, ExecutionException {
        Set<String> catalogue = Arrays.stream(Topics.values()).map(kafka::topic).collect(Collectors.toSet());
        return admin.listTopics().names().get().stream()
                .filter(name -> catalogue.contains(name) || isInternalToStreams(name))
                .toList();
    }

    private boolean isInternalToStreams(String topic) {
        return topic.startsWith(own) && (topic.endsWith("-changelog") || topic.endsWith("-repartition"));
    }

    private Set<TopicPartition> offsetPartitions() throws InterruptedException, ExecutionException {
        List<String> groups = admin.listGroups().valid().get().stream()
                .map(group -> group.groupId())
                .filter(group -> group.startsWith(own))
                .toList();
        if (groups.isEmpty()) {
            return Set.of();
        }
        int count;
        try {
            count = describe(List.of(Topic.GROUP_METADATA_TOPIC_NAME)).values().stream()
                    .mapToInt(topic -> topic.partitions().size())
                    .sum();
        } catch (ExecutionException e) {
            skip(Topic.GROUP_METADATA_TOPIC_NAME, e);
            return Set.of();
        }
        // The broker's own rule for the partition that holds a group's offsets.
        return groups.stream()
                .map(group -> new TopicPartition(
                        Topic.GROUP_METADATA_TOPIC_NAME, (group.hashCode() & Integer.MAX_VALUE) % count))
                .collect(Collectors.toSet());
    }

    private Map<String, TopicDescription> describe(Collection<String> topics)
            throws InterruptedException, ExecutionException {
        return admin.describeTopics(topics).allTopicNames().get();
    }

    /** Transactional ids by producer id, as far as coordinators know them. */
    Map<Long, String> owners(Collection<OpenTransaction> transactions) throws InterruptedException, ExecutionException {
        Set<Long> producers =
                transactions.stream().map(OpenTransaction::producerId).collect(Collectors.toSet());
        return admin.listTransactions(new ListTransactionsOptions().filterProducerIds(producers)).all().get().stream()
                .collect(Collectors.toMap(
                        TransactionListing::producerId, TransactionListing::transactionalId, (one, other) -> one));
    }

    /** What coordinators say of transactional ids; without those that they do not know, or do not tell us of. */
    Map<String, TransactionDescription> describeOwners(Collection<String> transactionalIds)
            throws InterruptedException, ExecutionException {
        Map<String, TransactionDescription> known = new HashMap<>();
        var described = admin.describeTransactions(transactionalIds);
        for (String id : Set.copyOf(transactionalIds)) {
            KafkaFuture<TransactionDescription> one = described.description(id);
            try {
                known.put(id, one.get());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TransactionalIdNotFoundException
                        || e.getCause() instanceof AuthorizationException)) {
                    throw e;
                }
            }
        }
        return known;
    }

    /**
     * Whether a transaction is this run's. Every transaction on the run's own topics is; offsets of several applications share a
     * partition, and there the transactional id tells; an unknown one counts as ours where it may hold our groups.
     */
    boolean isOwn(OpenTransaction transaction, @Nullable String transactionalId) {
        return !transaction.partition().topic().equals(Topic.GROUP_METADATA_TOPIC_NAME)
                || transactionalId == null
                || transactionalId.startsWith(own);
    }
}
