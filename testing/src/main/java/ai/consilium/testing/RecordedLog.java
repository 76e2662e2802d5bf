package ai.consilium.testing;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A run's log as an older version wrote it: every record's bytes and the schemas that its registry held, so that tests can
 * replay it through today's readers. Kept as gzipped JSON, one line for the schemas and one for each record.
 *
 * @param schemas in the order of their ids
 * @param records by topic, partition and offset
 */
public record RecordedLog(List<RegisteredSchema> schemas, List<LogRecord> records) {
    private static final JsonMapper JSON = new JsonMapper();
    /** A magic byte and the schema's id precede the Avro body. */
    private static final int ID_AT = 1;

    /**
     * A schema of the registry.
     *
     * @param id that records refer to it by
     * @param topic whose values it describes
     * @param schema Avro JSON
     */
    public record RegisteredSchema(
            @JsonProperty("id") int id,
            @JsonProperty("topic") Topics topic,
            @JsonProperty("schema") String schema) {}

    /**
     * A record of the log.
     *
     * @param value as it lay on the log, with Confluent's framing; null for a tombstone
     */
    public record LogRecord(
            @JsonProperty("topic") Topics topic,
            @JsonProperty("partition") int partition,
            @JsonProperty("offset") long offset,
            @JsonProperty("timestamp") long timestamp,
            @JsonProperty("key") String key,
            @JsonProperty("value") byte @Nullable [] value) {}

    /** A small run of version 0.1: two specialties, three steps of two groups, everything from adaptation to merge. */
    public static RecordedLog ofVersion01() {
        try (InputStream in =
                Objects.requireNonNull(RecordedLog.class.getResourceAsStream("log-0.1.jsonl.gz"), "log-0.1")) {
            return read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RecordedLog read(InputStream gzip) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(gzip), StandardCharsets.UTF_8))) {
            List<RegisteredSchema> schemas =
                    List.of(JSON.readValue(Objects.requireNonNull(lines.readLine()), RegisteredSchema[].class));
            List<LogRecord> records = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                records.add(JSON.readValue(line, LogRecord.class));
            }
            return new RecordedLog(schemas, records);
        }
    }

    /** Writes the file that {@link #ofVersion01} reads. */
    void write(Path file) throws IOException {
        try (Writer out =
                new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
            out.write(JSON.writeValueAsString(schemas) + "\n");
            for (LogRecord record : records) {
                out.write(JSON.writeValueAsString(record) + "\n");
            }
        }
    }

    /** Records of one topic, by partition and offset. */
    public List<LogRecord> of(Topics topic) {
        return records.stream().filter(record -> record.topic() == topic).toList();
    }

    /**
     * The same log for another registry: registers the recorded schemas under a run's subjects and returns the records
     * with the ids that this registry gave them.
     */
    public RecordedLog registeredIn(SchemaRegistryClient registry, String prefix) {
        Map<Integer, Integer> ids = new HashMap<>();
        for (RegisteredSchema schema : schemas) {
            try {
                String subject = schema.topic().name(prefix) + "-value";
                ids.put(schema.id(), registry.register(subject, new AvroSchema(schema.schema())));
            } catch (RestClientException | IOException e) {
                throw new IllegalStateException("schema of " + schema.topic() + " was not registered", e);
            }
        }
        return new RecordedLog(
                schemas, records.stream().map(record -> withIds(record, ids)).toList());
    }

    private static LogRecord withIds(LogRecord record, Map<Integer, Integer> ids) {
        byte[] value = record.value();
        if (value == null) {
            return record;
        }
        ByteBuffer framed = ByteBuffer.wrap(value.clone());
        framed.putInt(ID_AT, Objects.requireNonNull(ids.get(framed.getInt(ID_AT)), "a schema that was not recorded"));
        return new LogRecord(
                record.topic(), record.partition(), record.offset(), record.timestamp(), record.key(), framed.array());
    }

    /** Produces records to a run's topics, each to its partition and with its timestamp. */
    public static void produce(KafkaClients kafka, List<LogRecord> records) {
        Map<String, Object> properties = kafka.connectionProperties();
        properties.put("max.request.size", KafkaClients.MAX_RECORD_BYTES);
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
            for (LogRecord record : records) {
                // The flush waits for it; a record that is missing is missed by the test.
                var unused = producer.send(new ProducerRecord<>(
                        kafka.topic(record.topic()),
                        record.partition(),
                        record.timestamp(),
                        record.key(),
                        record.value()));
            }
            producer.flush();
        }
    }
}
