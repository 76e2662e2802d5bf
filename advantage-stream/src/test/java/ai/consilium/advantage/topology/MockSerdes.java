package ai.consilium.advantage.topology;

import ai.consilium.platform.kafka.Decoded;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/** The genuine Avro serializers on the client's in-memory registry: a topology's test needs no cluster. */
final class MockSerdes implements RecordSerdes {
    private static final Map<String, Object> CONFIG =
            Map.of("schema.registry.url", "mock://advantage", "specific.avro.reader", true);

    private final KafkaAvroSerializer serializer = new KafkaAvroSerializer();
    private final KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();

    MockSerdes() {
        serializer.configure(CONFIG, false);
        deserializer.configure(CONFIG, false);
    }

    @Override
    public <T extends SpecificRecord> Serde<T> plain(Class<T> type) {
        Serializer<T> write = serializer::serialize;
        Deserializer<T> read = (topic, bytes) -> type.cast(deserializer.deserialize(topic, bytes));
        return Serdes.serdeFrom(write, read);
    }

    @Override
    public <T extends SpecificRecord> Serde<Decoded<T>> decoded(Class<T> type) {
        Deserializer<T> plain = plain(type).deserializer();
        Deserializer<Decoded<T>> read = (topic, bytes) -> {
            try {
                return new Decoded<>(
                        bytes == null ? null : plain.deserialize(topic, bytes),
                        null,
                        bytes == null ? new byte[0] : bytes);
            } catch (SerializationException | ClassCastException e) {
                return new Decoded<>(null, e.getMessage(), bytes);
            }
        };
        Serializer<Decoded<T>> none = (topic, value) -> value.bytes();
        return Serdes.serdeFrom(none, read);
    }
}
