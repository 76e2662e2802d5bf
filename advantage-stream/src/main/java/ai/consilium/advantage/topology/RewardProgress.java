package ai.consilium.advantage.topology;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the reward services have got, by what their group has committed: a trajectory is passed only when its scores are
 * written. So with a scorer that is somebody else's process, if its consumer group has the name that it is asked to have. A group is compared with the end of the log at the first time that it is asked about, so that new trajectories do not
 * hold it up. Where no service lives, or the broker does not tell, nothing is behind. One thread only.
 */
final class RewardProgress implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RewardProgress.class);
    /** The consumer group of the reward services. */
    private static final String REWARD = "reward";
    /** Begins the names of the consumer groups of other processes that score. */
    private static final String SCORER = "scorer-";

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final KafkaClients kafka;
    private final Map<String, Long> ends = new HashMap<>();
    private @Nullable Admin admin;

    RewardProgress(KafkaClients kafka) {
        this.kafka = kafka;
    }

    /**
     * Whether trajectories of a group's partition are not passed yet.
     *
     * @param processes scorers that are processes of somebody else
     */
    boolean isBehind(String groupId, int partition, Set<String> processes) {
        TopicPartition trajectories = new TopicPartition(kafka.topic(Topics.TRAJECTORIES), partition);
        try {
            boolean behind = isBehind(REWARD, groupId, trajectories);
            for (String process : processes) {
                behind = behind || isBehind(SCORER + process, groupId, trajectories);
            }
            if (!behind) {
                ends.remove(groupId);
            }
            return behind;
        } catch (ExecutionException | TimeoutException unknown) {
            LOG.atDebug().setCause(unknown).log("the progress of the reward services is not known");
            return false;
        } catch (InterruptedException stopping) {
            throw new InterruptException(stopping);
        }
    }

    private boolean isBehind(String consumers, String groupId, TopicPartition trajectories)
            throws ExecutionException, InterruptedException, TimeoutException {
        String group = kafka.group(consumers);
        return lives(group) && committed(group, trajectories) < end(groupId, trajectories);
    }

    private boolean lives(String group) throws ExecutionException, InterruptedException, TimeoutException {
        ConsumerGroupDescription described = admin().describeConsumerGroups(List.of(group))
                .all()
                .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .get(group);
        return described != null && !described.members().isEmpty();
    }

    private long committed(String group, TopicPartition trajectories)
            throws ExecutionException, InterruptedException, TimeoutException {
        OffsetAndMetadata offset = admin().listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .get(trajectories);
        return offset == null ? 0 : offset.offset();
    }

    private long end(String groupId, TopicPartition trajectories)
            throws ExecutionException, InterruptedException, TimeoutException {
        Long known = ends.get(groupId);
        if (known == null) {
            known = admin().listOffsets(Map.of(trajectories, OffsetSpec.latest()))
                    .partitionResult(trajectories)
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .offset();
            ends.put(groupId, known);
        }
        return known;
    }

    private Admin admin() {
        Admin open = admin;
        if (open == null) {
            open = kafka.admin();
            admin = open;
        }
        return open;
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close(PATIENCE);
        }
    }
}
