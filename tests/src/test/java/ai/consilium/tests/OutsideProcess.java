package ai.consilium.tests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A scorer that knows nothing of this program: topics, Avro and the registry's protocol, as docs/REWARDS.md tells them. */
final class OutsideProcess implements AutoCloseable {
    private static final int HEADER = 5;

    private final String registry;
    private final String run;
    private final String name;
    private final Function<GenericRecord, Double> score;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Thread thread;

    OutsideProcess(String brokers, String registry, String run, String name, Function<GenericRecord, Double> score) {
        this.registry = registry;
        this.run = run;
        this.name = name;
        this.score = score;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        brokers,
                        "group.id",
                        run + "-scorer-" + name,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false,
                        "isolation.level",
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new ByteArraySerializer(), new ByteArraySerializer());
        this.thread = new Thread(this::work, "outside");
        thread.start();
    }

    private void work() {
        consumer.subscribe(List.of(run + "-trajectories"));
        try {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    var unused = producer.send(new ProducerRecord<>(
                            run + "-scores", record.partition(), record.key(), scored(record.value())));
                }
                producer.flush();
                consumer.commitSync();
            }
        } catch (WakeupException | InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private byte[] scored(byte[] bytes) throws IOException, InterruptedException {
        int written = ByteBuffer.wrap(bytes).getInt(1);
        Schema writer = new Schema.Parser()
                .parse(registered("/schemas/ids/" + written).path("schema").asText());
        GenericRecord trajectory = new GenericDatumReader<GenericRecord>(writer)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, null));
        JsonNode latest = registered("/subjects/" + run + "-scores-value/versions/latest");
        Schema form = new Schema.Parser().parse(latest.path("schema").asText());
        Schema element = form.getField("scores").schema().getElementType();
        GenericRecord given = new GenericRecordBuilder(element)
                .set("scorer", name)
                .set("scorerVersion", "mine")
                .set("value", score.apply(trajectory))
                .build();
        GenericRecord scores = new GenericRecordBuilder(form)
                .set("trajectoryId", trajectory.get("trajectoryId"))
                .set("groupId", trajectory.get("groupId"))
                .set("sampleIndex", trajectory.get("sampleIndex"))
                .set("scoringConfigHash", trajectory.get("scoringConfigHash"))
                .set("scores", new GenericData.Array<>(form.getField("scores").schema(), List.of(given)))
                .set("createdMs", System.currentTimeMillis())
                .build();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(HEADER)
                .put((byte) 0)
                .putInt(latest.path("id").asInt())
                .array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(form).write(scores, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private JsonNode registered(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(registry + path)).build();
        return new ObjectMapper()
                .readTree(HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.ofString())
                        .body());
    }

    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.join(Duration.ofSeconds(10).toMillis());
        consumer.close();
        producer.close();
    }
}
