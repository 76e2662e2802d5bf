package ai.consilium.reward;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/**
 * Which records are begun and not yet done, and how far that lets each partition be committed: never past its oldest open
 * record, in whatever order records are done. One thread only.
 */
final class OffsetBook {
    private static final class Partition {
        final TreeSet<Long> open = new TreeSet<>();
        long next;
        long committed;

        Partition(long first) {
            next = first;
            committed = first;
        }

        long upTo() {
            return open.isEmpty() ? next : open.first();
        }
    }

    private final Map<TopicPartition, Partition> partitions = new HashMap<>();

    /** A record was taken up; of a partition they come in the order of their offsets. */
    void begun(TopicPartition partition, long offset) {
        Partition of = partitions.computeIfAbsent(partition, first -> new Partition(offset));
        of.open.add(offset);
        of.next = offset + 1;
    }

    /** Everything of a partition before an offset was taken up: what lies between are no records. */
    void passed(TopicPartition partition, long offset) {
        // Of a partition of which no record was begun it is not known what was committed.
        Partition of = partitions.computeIfAbsent(partition, first -> new Partition(0));
        of.next = Math.max(of.next, offset);
    }

    /** A record needs nothing more. One that is not open, because its partition came and went, changes nothing. */
    void done(TopicPartition partition, long offset) {
        Partition of = partitions.get(partition);
        if (of != null) {
            of.open.remove(offset);
        }
    }

    /** Records that are open. */
    int open() {
        return partitions.values().stream().mapToInt(of -> of.open.size()).sum();
    }

    /** The offset to go on from of each partition that got further since it was last {@link #committed}. */
    Map<TopicPartition, Long> committable() {
        Map<TopicPartition, Long> further = new HashMap<>();
        partitions.forEach((partition, of) -> {
            if (of.upTo() > of.committed) {
                further.put(partition, of.upTo());
            }
        });
        return further;
    }

    /** Offsets were committed. */
    void committed(Map<TopicPartition, Long> offsets) {
        offsets.forEach((partition, offset) -> {
            Partition of = partitions.get(partition);
            if (of != null) {
                of.committed = Math.max(of.committed, offset);
            }
        });
    }

    /** Partitions are another member's now. */
    void forget(Collection<TopicPartition> gone) {
        partitions.keySet().removeAll(gone);
    }
}
