package ai.consilium.reward;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.testing.TestSeed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OffsetBookTest {
    private static final TopicPartition FIRST = new TopicPartition("trajectories", 0);
    private static final TopicPartition SECOND = new TopicPartition("trajectories", 1);

    private final OffsetBook book = new OffsetBook();

    @Test
    void givenARecordThatIsOpenWhenLaterOnesAreDoneThenItHoldsItsPartitionBackAndNoOther() {
        book.begun(FIRST, 7);
        book.begun(FIRST, 8);
        book.begun(SECOND, 3);
        assertThat(book.committable()).isEmpty();

        book.done(FIRST, 8);
        book.done(SECOND, 3);
        assertThat(book.committable()).isEqualTo(Map.of(SECOND, 4L));

        book.done(FIRST, 7);
        assertThat(book.committable()).isEqualTo(Map.of(FIRST, 9L, SECOND, 4L));
        assertThat(book.open()).isZero();
    }

    @Test
    void givenWhatWasCommittedWhenNothingIsDoneThenNothingIsToCommit() {
        book.begun(FIRST, 0);
        book.done(FIRST, 0);
        book.committed(book.committable());

        assertThat(book.committable()).isEmpty();
    }

    @Test
    void givenMarkersBehindTheLastRecordWhenEverythingIsDoneThenTheyArePassedToo() {
        book.begun(FIRST, 5);
        book.passed(FIRST, 7);
        assertThat(book.committable()).isEmpty();

        book.done(FIRST, 5);
        book.passed(SECOND, 4);

        assertThat(book.committable()).isEqualTo(Map.of(FIRST, 7L));
    }

    @Test
    void givenAPartitionThatWentWhenItsRecordsAreDoneThenNothingOfItIsCommitted() {
        book.begun(FIRST, 5);
        book.forget(Set.of(FIRST));
        book.done(FIRST, 5);

        assertThat(book.committable()).isEmpty();
        assertThat(book.open()).isZero();
    }

    @Test
    void givenAPartitionThatCameBackWhenRecordsOfBeforeAreDoneThenTheyCountForThoseThatAreOpenAgain() {
        book.begun(FIRST, 5);
        book.begun(FIRST, 6);
        book.forget(Set.of(FIRST));
        book.begun(FIRST, 5);
        book.done(FIRST, 6);
        book.done(FIRST, 5);

        assertThat(book.committable()).isEqualTo(Map.of(FIRST, 6L));
    }

    @Test
    void givenAnyOrderWhenCommittedThenNoOpenRecordIsPassedAndEveryDoneOneIsInTheEnd() {
        Random random = new Random(TestSeed.of(OffsetBookTest.class));
        for (int round = 0; round < 200; round++) {
            shuffled(random, new OffsetBook());
        }
    }

    private static void shuffled(Random random, OffsetBook tried) {
        Map<TopicPartition, Long> next = new HashMap<>(Map.of(FIRST, (long) random.nextInt(9), SECOND, 0L));
        Map<TopicPartition, Long> committed = new HashMap<>(next);
        Map<TopicPartition, TreeSet<Long>> open = Map.of(FIRST, new TreeSet<>(), SECOND, new TreeSet<>());
        for (int step = 0; step < 100; step++) {
            TopicPartition partition = random.nextBoolean() ? FIRST : SECOND;
            List<Long> candidates = new ArrayList<>(open.get(partition));
            if (random.nextBoolean() || candidates.isEmpty()) {
                // Offsets have gaps: markers of transactions.
                long offset = next.get(partition) + random.nextInt(2);
                tried.begun(partition, offset);
                open.get(partition).add(offset);
                next.put(partition, offset + 1);
            } else {
                long offset = candidates.get(random.nextInt(candidates.size()));
                tried.done(partition, offset);
                open.get(partition).remove(offset);
            }
            Map<TopicPartition, Long> further = tried.committable();
            if (random.nextInt(3) == 0) {
                tried.committed(further);
                further.forEach((of, offset) -> {
                    assertThat(offset).isGreaterThan(committed.get(of)).isLessThanOrEqualTo(next.get(of));
                    assertThat(open.get(of).headSet(offset)).isEmpty();
                    committed.put(of, offset);
                });
            }
        }
        open.forEach((partition, offsets) -> List.copyOf(offsets).forEach(offset -> tried.done(partition, offset)));
        committed.putAll(tried.committable());
        assertThat(tried.open()).isZero();
        assertThat(committed).isEqualTo(next);
    }
}
