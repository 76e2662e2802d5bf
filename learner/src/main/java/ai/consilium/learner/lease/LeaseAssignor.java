package ai.consilium.learner.lease;

import ai.consilium.learner.lease.LeasePlan.Candidate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * {@link LeasePlan} as Kafka's consumers ask for it: each member of the group says which partitions it wants, and the leader
 * makes the plan. Cooperative: nobody gets a partition before its holder has let go of it.
 */
public final class LeaseAssignor implements ConsumerPartitionAssignor, Configurable {
    /** Consumer property: a supplier of the partitions that this member wants, asked whenever it joins. */
    static final String WANTED = "consilium.leases.wanted";

    private static final Pattern NUMBERS = Pattern.compile("\\d{1,6}(,\\d{1,6})*");

    private Supplier<Set<Integer>> wanted = Set::of;

    @Override
    @SuppressWarnings("unchecked") // only Leases sets it
    public void configure(Map<String, ?> configs) {
        Object given = configs.get(WANTED);
        if (given != null) {
            wanted = (Supplier<Set<Integer>>) given;
        }
    }

    @Override
    public String name() {
        return "consilium-leases";
    }

    @Override
    public List<RebalanceProtocol> supportedProtocols() {
        return List.of(RebalanceProtocol.COOPERATIVE);
    }

    @Override
    public ByteBuffer subscriptionUserData(Set<String> topics) {
        return StandardCharsets.US_ASCII.encode(
                wanted.get().stream().sorted().map(String::valueOf).collect(Collectors.joining(",")));
    }

    @Override
    public GroupAssignment assign(Cluster cluster, GroupSubscription group) {
        Map<String, Subscription> members = group.groupSubscription();
        Map<String, Candidate> candidates = new TreeMap<>();
        Set<String> topics = new HashSet<>();
        members.forEach((name, member) -> {
            topics.addAll(member.topics());
            candidates.put(
                    name,
                    new Candidate(
                            read(member.userData()),
                            member.ownedPartitions().stream()
                                    .map(TopicPartition::partition)
                                    .collect(Collectors.toSet())));
        });
        Map<String, NavigableSet<Integer>> plan = LeasePlan.of(candidates);
        Map<String, Assignment> assignments = new HashMap<>();
        plan.forEach((name, partitions) -> assignments.put(
                name,
                new Assignment(topics.stream()
                        .flatMap(topic -> partitions.stream().map(partition -> new TopicPartition(topic, partition)))
                        .toList())));
        return new GroupAssignment(assignments);
    }

    /** What cannot be read wants nothing. */
    private static Set<Integer> read(@Nullable ByteBuffer data) {
        String text = data == null
                ? ""
                : StandardCharsets.US_ASCII.decode(data.duplicate()).toString();
        return NUMBERS.matcher(text).matches()
                ? Arrays.stream(text.split(",")).map(Integer::valueOf).collect(Collectors.toSet())
                : Set.of();
    }
}
