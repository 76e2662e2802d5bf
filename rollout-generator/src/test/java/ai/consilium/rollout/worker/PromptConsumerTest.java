package ai.consilium.rollout.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.schemas.Prompt;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockShareConsumer;
import org.junit.jupiter.api.Test;

class PromptConsumerTest {
    private static final Duration SHORT = Duration.ofMillis(10);

    @Test
    void givenABrokerErrorThatTheClientDoesNotSurviveWhenTakingThenTheDeskJoinsAgainAndGoesOn() {
        Failing first = new Failing("Unexpected error code 15 while fetching from topic-partition run-prompts-0");
        MockShareConsumer<String, Decoded<Prompt>> second = new MockShareConsumer<>();
        second.subscribe(Set.of("prompts"));
        second.addRecord(new ConsumerRecord<>("prompts", 0, 7L, "g-1", new Decoded<>(null, "whatever", new byte[0])));
        Queue<MockShareConsumer<String, Decoded<Prompt>>> members = new ArrayDeque<>(List.of(first, second));
        try (PromptConsumer desk = new PromptConsumer(members::remove)) {
            assertThat(desk.take(SHORT)).isEmpty();
            assertThat(first.closed).isTrue();
            assertThat(desk.take(SHORT)).extracting(ConsumerRecord::offset).containsExactly(7L);
        }
    }

    @Test
    void givenAMistakeOfOursWhenTakingThenItIsNotSwallowed() {
        try (PromptConsumer desk = new PromptConsumer(() -> new Failing("All records must be acknowledged"))) {
            assertThatThrownBy(() -> desk.take(SHORT)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void givenThatEveryHoldWasLostWhenRenewingThenNoPromptOfOthersIsTaken() {
        try (PromptConsumer desk = new PromptConsumer(() -> new Failing("nothing may be polled"))) {
            desk.renew();
        }
    }

    private static final class Failing extends MockShareConsumer<String, Decoded<Prompt>> {
        private final String message;
        private boolean closed;

        Failing(String message) {
            this.message = message;
        }

        @Override
        public synchronized ConsumerRecords<String, Decoded<Prompt>> poll(Duration timeout) {
            throw new IllegalStateException(message);
        }

        @Override
        public synchronized void close(Duration timeout) {
            closed = true;
        }
    }
}
