package ai.consilium.advantage.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class StreamThreadRestartPolicyTest {
    /** As a run met it whose machine stood still for longer than a transaction may take. */
    private static final StreamsException ENDED = new StreamsException(
            "Error encountered trying to commit a transaction", new InvalidTxnStateException("invalid state"));

    @Test
    void givenAnEndedTransactionThenANewThreadGoesOnAsLongAsThereIsProgress() {
        StreamThreadRestartPolicy revival = new StreamThreadRestartPolicy(1);

        assertThat(revival.possible(ENDED, 100)).isTrue();
        assertThat(revival.possible(ENDED, 140)).isTrue();
        assertThat(revival.possible(ENDED, 140)).isFalse();
    }

    @Test
    void givenThatOnePauseEndsTheTransactionsOfSeveralThreadsThenEachIsReplaced() {
        StreamThreadRestartPolicy revival = new StreamThreadRestartPolicy(2);

        assertThat(revival.possible(ENDED, 100)).isTrue();
        assertThat(revival.possible(ENDED, 100)).isTrue();
        assertThat(revival.possible(ENDED, 100)).isFalse();
    }

    @Test
    void givenAnyOtherDeathThenTheStreamStops() {
        assertThat(new StreamThreadRestartPolicy(1)
                        .possible(new StreamsException(new SerializationException("x")), 100))
                .isFalse();
    }
}
