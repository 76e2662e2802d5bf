package ai.consilium.platform.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.coordinator.transaction.TransactionMetadata;
import org.apache.kafka.coordinator.transaction.TransactionState;
import org.apache.kafka.server.common.TransactionVersion;
import org.junit.jupiter.api.Test;

class TransactionDecisionTest {
    private static final TopicPartition PARTITION = new TopicPartition("first-prompts", 0);
    private static final OpenTransaction OPEN =
            new OpenTransaction(PARTITION, 12, (short) 38, 0, 317, Instant.ofEpochMilli(1));

    @Test
    void givenCommitThatRaisedTheEpochThenItWasCommitted() {
        assertThat(decision(v2(38, TransactionState.ONGOING), v2(39, TransactionState.PREPARE_COMMIT)))
                .isEqualTo(TransactionDecision.COMMIT);
    }

    @Test
    void givenOnlyTheEndOfTheCommitAndLaterTransactionsThenItWasCommitted() {
        assertThat(decision(v2(39, TransactionState.COMPLETE_COMMIT), v2(42, TransactionState.EMPTY)))
                .isEqualTo(TransactionDecision.COMMIT);
    }

    @Test
    void givenTheCommitOfTheTransactionBeforeThenItWasNotDecided() {
        assertThat(decision(v2(38, TransactionState.COMPLETE_COMMIT))).isEqualTo(TransactionDecision.ABORT);
    }

    @Test
    void givenAbortThatRaisedTheEpochThenItWasAborted() {
        assertThat(decision(v2(39, TransactionState.PREPARE_ABORT))).isEqualTo(TransactionDecision.ABORT);
        assertThat(decision(v1(39, TransactionState.COMPLETE_ABORT))).isEqualTo(TransactionDecision.ABORT);
    }

    @Test
    void givenNothingThenItWasNotDecided() {
        assertThat(decision()).isEqualTo(TransactionDecision.ABORT);
    }

    @Test
    void givenOnlyLaterTransactionsThenTheDecisionIsLost() {
        assertThat(decision(v2(42, TransactionState.COMPLETE_COMMIT))).isEqualTo(TransactionDecision.UNKNOWN);
    }

    @Test
    void givenProtocolThatSharesEpochsThenACommitMayBeAnotherTransactions() {
        assertThat(decision(v1(38, TransactionState.COMPLETE_COMMIT))).isEqualTo(TransactionDecision.UNKNOWN);
    }

    private static TransactionDecision decision(TransactionMetadata... history) {
        return TransactionDecision.of(OPEN, Arrays.asList(history));
    }

    private static TransactionMetadata v1(int epoch, TransactionState state) {
        return metadata(epoch, state, TransactionVersion.TV_1);
    }

    private static TransactionMetadata v2(int epoch, TransactionState state) {
        return metadata(epoch, state, TransactionVersion.TV_2);
    }

    private static TransactionMetadata metadata(int epoch, TransactionState state, TransactionVersion version) {
        Set<TopicPartition> partitions = state == TransactionState.EMPTY ? Set.of() : Set.copyOf(List.of(PARTITION));
        return new TransactionMetadata(
                "first-scheduler", 12, 12, -1, (short) epoch, (short) -1, 60_000, state, partitions, 1, 1, version);
    }
}
