package ai.consilium.advantage.topology;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * written. A group is compared with the end of the log at the first time that it is asked about, so that new trajectories do not
 * hold it up. Where no service lives, or the broker does not tell, nothing is behind. One thread only.
 */
final class RewardProgress implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RewardProgress.class);
    /** The consumer group of the reward services. */
    private static final String REWARD = "reward";

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final KafkaClients kafka;
    private final Map<String, Long> ends = new HashMap<>();
    private @Nullable Admin admin;

    RewardProgress(KafkaClients kafka) {
        this.kafka = kafka;
    }

    /** Whether trajectories of a group's partition are not passed yet. */
    boolean isBehind(String groupId, int partition) {
        TopicPartition trajectories = new TopicPartition(kafka.topic(Topics.TRAJECTORIES), partition);
        try {
            boolean behind = lives() && committed(trajectories) < end(groupId, trajectories);
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

    private boolean lives() throws ExecutionException, InterruptedException, TimeoutException {
        String group = kafka.group(REWARD);
        ConsumerGroupDescription described = admin().describeConsumerGroups(List.of(group))
                .all()
                .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .get(group);
        return described != null && !described.members().isEmpty();
    }

    private long committed(TopicPartition trajectories)
            throws ExecutionException, InterruptedException, TimeoutException {
        OffsetAndMetadata offset = admin().listConsumerGroupOffsets(kafka.group(REWARD))
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
