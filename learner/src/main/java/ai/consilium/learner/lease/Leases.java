package ai.consilium.learner.lease;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases of this process: it is a member of the consumer group of the run's learners, and a partition of training groups
 * that Kafka assigns to it is the lease of that partition's policy. The broker alone measures time: a member that it has not
 * heard of for {@link #LEASE} loses what it had, and finds that out when it is heard again. Nothing is read by the group and no
 * offset is kept in it. Policies that are not {@link #wanted} any more are let go at the next change.
 */
public final class Leases implements Flow {
    /** How long the others wait for a learner that is not heard. */
    public static final Duration LEASE = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(200);
    /** Of a step that is under way when its lease is to move; less than the five minutes that a member may be away from its group. */
    private static final Duration STEP = Duration.ofMinutes(4);

    /** When the process stops, its training was asked to stop before. */
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private final RunContext run;
    private final Set<String> wanted = ConcurrentHashMap.newKeySet();
    private final Map<String, Lease> held = new ConcurrentHashMap<>();

    /** @param policies that this process may train */
    public Leases(RunContext run, Collection<String> policies) {
        this.run = run;
        wanted.addAll(policies);
    }

    /** The lease of a policy, if this process holds it. */
    public Optional<Lease> of(String policy) {
        return Optional.ofNullable(held.get(policy));
    }

    /** A policy is final, or its training here has ended for good. */
    public void giveUp(String policy) {
        wanted.remove(policy);
    }

    @Override
    public void run(Pulse pulse) {
        Map<String, Object> properties = Map.of(
                "group.protocol",
                "classic",
                "partition.assignment.strategy",
                List.of(LeaseAssignor.class),
                LeaseAssignor.WANTED,
                (Supplier<Set<Integer>>) this::partitions,
                "session.timeout.ms",
                Math.toIntExact(LEASE.toMillis()),
                "heartbeat.interval.ms",
                Math.toIntExact(HEARTBEAT.toMillis()),
                "client.id",
                run.writer("learner").replace('/', '-'));
        try (Consumer<byte[], byte[]> group =
                run.kafka().bytesConsumer(run.kafka().group("learner"), properties)) {
            group.subscribe(List.of(run.kafka().topic(Topics.TRAINING_GROUPS)), new Changes(group, pulse));
            while (!pulse.stopping() && !wanted.isEmpty()) {
                group.poll(POLL);
                pulse.beat();
                pulse.idle("changes of who trains what");
            }
        } finally {
            held.values().forEach(Lease::lose);
        }
    }

    private Set<Integer> partitions() {
        return wanted.stream().map(run.policies()::partition).collect(Collectors.toSet());
    }

    private Optional<Lease> remove(TopicPartition partition) {
        return Optional.ofNullable(held.remove(policy(partition)));
    }

    private String policy(TopicPartition partition) {
        return run.policies().policies().get(partition.partition());
    }

    /** What the group's coordinator has decided. */
    private final class Changes implements ConsumerRebalanceListener {
        private final Consumer<byte[], byte[]> group;
        private final Pulse pulse;

        Changes(Consumer<byte[], byte[]> group, Pulse pulse) {
            this.group = group;
            this.pulse = pulse;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            group.pause(partitions);
            for (TopicPartition partition : partitions) {
                held.put(policy(partition), new Lease());
                LOG.atInfo().addKeyValue("policy", policy(partition)).log("got the lease");
            }
        }

        /** Others get them when this returns: training ends first. */
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            List<Lease> leases = partitions.stream()
                    .flatMap(partition -> remove(partition).stream())
                    .toList();
            leases.forEach(Lease::lose);
            try {
                for (Lease lease : leases) {
                    lease.awaitEnd(pulse.stopping() ? CLOSING : STEP);
                }
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
            partitions.forEach(partition ->
                    LOG.atInfo().addKeyValue("policy", policy(partition)).log("gave the lease up"));
        }

        /** Others may have them already. */
        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) {
                remove(partition).ifPresent(Lease::lose);
                LOG.atWarn()
                        .addKeyValue("policy", policy(partition))
                        .log("lost the lease: the brokers did not hear of this process");
            }
        }
    }
}
