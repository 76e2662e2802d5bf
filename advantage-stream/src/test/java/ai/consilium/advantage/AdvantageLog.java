package ai.consilium.advantage;

import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A run's log as tests of the stream's processes write and read it. */
record AdvantageLog(RunContext run) {
    static final int PARTITIONS = 4;
    private static final int SCHEMA_HEADER = 5;

    /** The partition of a group's records. */
    static int partition(String group) {
        return Math.floorMod(group.hashCode(), PARTITIONS);
    }

    /** A record without the schema's number, which is the registry's to give. */
    static byte[] body(byte[] record) {
        return Arrays.copyOfRange(record, SCHEMA_HEADER, record.length);
    }

    /** Writes them and waits until they are on the log. */
    void send(Producer<String, SpecificRecord> producer, List<Delivery> deliveries) {
        for (Delivery d : deliveries) {
            int partition = d.topic() == Topics.SCORING_CONFIGS ? 0 : partition(d.key());
            // The flush waits for it.
            var unused =
                    producer.send(new ProducerRecord<>(run.kafka().topic(d.topic()), partition, d.key(), d.value()));
        }
        producer.flush();
    }

    /** Bodies of the training groups on the log, by group. */
    Map<String, List<byte[]>> outputs(String isolation) {
        Map<String, Object> properties = run.kafka().connectionProperties();
        properties.put("isolation.level", isolation);
        properties.put("fetch.max.wait.ms", 20); // closing waits for a fetch that is under way
        Map<String, List<byte[]>> outputs = new HashMap<>();
        var groups = run.kafka().serde(TrainingGroup.class).deserializer();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            String topic = run.kafka().topic(Topics.TRAINING_GROUPS);
            List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
                    String group = groups.deserialize(topic, record.value()).getGroupId();
                    outputs.computeIfAbsent(group, g -> new ArrayList<>()).add(body(record.value()));
                }
            }
        }
        return outputs;
    }
}
