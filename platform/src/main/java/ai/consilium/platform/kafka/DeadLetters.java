package ai.consilium.platform.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where unusable records go, whole, with the reason. Thread-safe. */
public final class DeadLetters {
    /** Writes under the name of a stage. */
    public DeadLetters(KafkaClients clients, String stage) {
        throw new UnsupportedOperationException("stub");
    }

    /** Keeps a record's bytes with the reason. */
    public void put(ConsumerRecord<String, ? extends Decoded<?>> record, String reason) {
        throw new UnsupportedOperationException("stub");
    }
}
