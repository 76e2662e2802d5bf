package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.transaction.FencedException;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;

class TransactionalWriterIT {
    private static final String ID = "scheduler";
    private static final int TAKEOVERS = 30;
    private static final KafkaException INVALID = new KafkaException("wrapped", new InvalidTxnStateException("test"));

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenAHolderWhoseIdWasTakenOverWhenItWritesThenItEndsByNameAndWritesNothing() throws Exception {
        RunContext run = cluster.run("pediatrics");

        assertThatThrownBy(() -> hold(run, first -> {
                    first.write(List.of(outcome(run, "before")));
                    hold(run, second -> second.write(List.of(outcome(run, "second"))));
                    first.write(List.of(outcome(run, "after")));
                }))
                .isInstanceOf(FencedException.class)
                .hasMessage("another scheduler of a run has taken over; this one (" + run.instance() + ") stops");

        assertThat(committed(run)).containsExactly("before", "second");
    }

    @Test
    void givenAnOpenTransactionWhenTakenOverThenItIsAbortedAndTakingOverNeverFails() throws Exception {
        RunContext run = cluster.run("pediatrics");
        List<Producer<String, SpecificRecord>> orphans = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < TAKEOVERS; i++) {
            // given a holder that died in the middle of a transaction
            Producer<String, SpecificRecord> orphan =
                    run.kafka().transactionalProducer(run.kafka().group(ID));
            orphan.initTransactions();
            orphan.beginTransaction();
            var unused = orphan.send(outcome(run, "orphan" + i));
            orphan.flush();
            orphans.add(orphan);

            // when the next one writes at once
            String group = "g" + i;
            hold(run, writer -> writer.write(List.of(outcome(run, group))));
            expected.add(group);
        }

        // then
        assertThat(committed(run)).containsExactlyElementsOf(expected);
        orphans.forEach(orphan -> orphan.close(Duration.ZERO));
    }

    @Test
    void givenAFirstTransactionThatTheBrokerCallsInvalidThenTheTenureStartsAgain() throws Exception {
        RunContext run = cluster.run("pediatrics");
        AtomicInteger tenures = new AtomicInteger();

        hold(run, writer -> {
            if (tenures.incrementAndGet() < 3) {
                throw INVALID;
            }
            writer.write(List.of(outcome(run, "g")));
        });

        assertThat(tenures).hasValue(3);
        assertThat(committed(run)).containsExactly("g");
    }

    @Test
    void givenATenureThatHasCommittedThenItIsNotRepeated() {
        RunContext run = cluster.run("pediatrics");
        AtomicInteger tenures = new AtomicInteger();

        assertThatThrownBy(() -> hold(run, writer -> {
                    tenures.incrementAndGet();
                    writer.write(List.of(outcome(run, "g")));
                    throw INVALID;
                }))
                .isSameAs(INVALID);

        assertThat(tenures).hasValue(1);
        assertThat(committed(run)).containsExactly("g");
    }

    @Test
    void givenATransactionThatCannotBeWrittenThenItIsAbortedAndTheNextOneIsNot() throws Exception {
        RunContext run = cluster.run("pediatrics");

        hold(run, writer -> {
            GroupOutcome huge = GroupOutcome.newBuilder(RunRecords.outcome("huge", Outcome.UNUSED))
                    .setReason("x".repeat(5 << 20))
                    .build();
            assertThatThrownBy(() -> writer.write(List.of(outcome(run, "small"), outcome(run, huge))))
                    .hasRootCauseInstanceOf(RecordTooLargeException.class);
            writer.write(List.of(outcome(run, "next")));
        });

        assertThat(committed(run)).containsExactly("next");
    }

    private static void hold(RunContext run, TransactionalWriter.Tenure tenure) throws Exception {
        TransactionalWriter.hold(run, ID, "scheduler of a run", tenure);
    }

    private static ProducerRecord<String, SpecificRecord> outcome(RunContext run, String group) {
        return outcome(run, RunRecords.outcome(group, Outcome.UNUSED));
    }

    private static ProducerRecord<String, SpecificRecord> outcome(RunContext run, GroupOutcome outcome) {
        return new ProducerRecord<>(run.kafka().topic(Topics.GROUP_OUTCOMES), outcome.getGroupId(), outcome);
    }

    private static List<String> committed(RunContext run) {
        List<String> groups = new ArrayList<>();
        try (var letters = new DeadLetters(run.kafka(), "test");
                var reader = new LogReader<>(
                        run.kafka(), Topics.GROUP_OUTCOMES, GroupOutcome.class, letters, null, Map.of())) {
            reader.readToEnd(
                    batch -> batch.forEach(record -> groups.add(record.value().getGroupId())));
        }
        return groups;
    }
}
