package ai.consilium.reward;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.testing.TestSeed;
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
        book.passed(new TopicPartition("trajectories", 2), 0);

        assertThat(book.committable()).isEqualTo(Map.of(FIRST, 7L, SECOND, 4L));
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
        List<Model> models = List.of(new Model(FIRST, random.nextInt(9)), new Model(SECOND, 0));
        for (int step = 0; step < 100; step++) {
            Model model = models.get(random.nextInt(models.size()));
            if (random.nextBoolean() || model.open.isEmpty()) {
                // Offsets have gaps: markers of transactions.
                long offset = model.next + random.nextInt(2);
                tried.begun(model.partition, offset);
                model.open.add(offset);
                model.next = offset + 1;
            } else {
                long offset = List.copyOf(model.open).get(random.nextInt(model.open.size()));
                tried.done(model.partition, offset);
                model.open.remove(offset);
            }
            Map<TopicPartition, Long> further = tried.committable();
            if (random.nextInt(3) == 0) {
                tried.committed(further);
                models.forEach(one -> one.committed(further));
            }
        }
        models.forEach(one -> List.copyOf(one.open).forEach(offset -> {
            tried.done(one.partition, offset);
            one.open.remove(offset);
        }));
        models.forEach(one -> one.committed(tried.committable()));

        assertThat(tried.open()).isZero();
        assertThat(models).allMatch(one -> one.committed == one.next);
    }

    /** What is true of a partition. */
    private static final class Model {
        final TopicPartition partition;
        final TreeSet<Long> open = new TreeSet<>();
        long next;
        long committed;

        Model(TopicPartition partition, long first) {
            this.partition = partition;
            this.next = first;
            this.committed = first;
        }

        void committed(Map<TopicPartition, Long> further) {
            Long offset = further.get(partition);
            if (offset != null) {
                assertThat(offset).isGreaterThan(committed).isLessThanOrEqualTo(next);
                assertThat(open.headSet(offset)).isEmpty();
                committed = offset;
            }
        }
    }
}
