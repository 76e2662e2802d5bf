package ai.consilium.platform.kafka;

import ai.consilium.schemas.Topics;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Values to bytes and back by the genuine Confluent serializers, over one cached registry client. */
final class AvroCodec {
    private static final Logger LOG = LoggerFactory.getLogger(AvroCodec.class);
    private static final int CACHED_SCHEMAS = 1000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Map<String, Object> configuration;
    private final SchemaRegistryClient registry;
    private final @Nullable RecordTraces traces;
    private final Set<String> topics;

    /** @param traces that put headers on records of the run's topics; null for none */
    AvroCodec(KafkaSettings settings, @Nullable RecordTraces traces) {
        this.traces = traces;
        this.topics = Arrays.stream(Topics.values())
                .map(topic -> topic.name(settings.prefix()))
                .collect(Collectors.toUnmodifiableSet());
        AvroTrust.establish();
        Map<String, Object> chosen = new HashMap<>(settings.properties());
        chosen.put("schema.registry.url", settings.schemaRegistryUrl());
        chosen.put("auto.register.schemas", true);
        chosen.put("specific.avro.reader", true);
        this.configuration = Map.copyOf(chosen);
        this.registry = new CachedSchemaRegistryClient(
                List.of(settings.schemaRegistryUrl().split(",")),
                CACHED_SCHEMAS,
                List.of(new AvroSchemaProvider()),
                configuration);
    }

    SchemaRegistryClient registry() {
        return registry;
    }

    // The Confluent classes close the registry client that they are given, and this one is shared: hence the lambdas.

    <T extends SpecificRecord> Serializer<T> serializer() {
        KafkaAvroSerializer avro = new KafkaAvroSerializer(registry);
        avro.configure(configuration, false);
        RecordTraces told = traces;
        return told == null ? avro::serialize : new Traced<>(avro, told, topics);
    }

    /**
     * The one place that every record passes with its headers, be it a producer's or a topology's. What state stores keep goes to
     * other topics.
     */
    private record Traced<T extends SpecificRecord>(KafkaAvroSerializer avro, RecordTraces traces, Set<String> topics)
            implements Serializer<T> {
        @Override
        public byte[] serialize(String topic, T value) {
            return avro.serialize(topic, value);
        }

        @Override
        public byte[] serialize(String topic, Headers headers, T value) {
            if (value != null && topics.contains(topic)) {
                String parent = traces.written(value);
                headers.remove(RecordTraces.HEADER);
                if (parent != null) {
                    headers.add(RecordTraces.HEADER, parent.getBytes(StandardCharsets.US_ASCII));
                }
            }
            return serialize(topic, value);
        }
    }

    /** Throws {@link SerializationException} on bytes that are not such a record. */
    <T extends SpecificRecord> Deserializer<T> deserializer(Class<T> type) {
        KafkaAvroDeserializer avro = new KafkaAvroDeserializer(registry);
        avro.configure(configuration, false);
        return (topic, bytes) -> decode(avro, topic, bytes, type);
    }

    /** Puts what is wrong with bytes into {@link Decoded}; throws only when the registry gives no answer. */
    <T extends SpecificRecord> Deserializer<Decoded<T>> tolerantDeserializer(Class<T> type) {
        Deserializer<T> strict = deserializer(type);
        return (topic, bytes) -> {
            if (bytes == null) {
                return new Decoded<>(null, null, new byte[0]);
            }
            if (bytes.length > KafkaClients.MAX_RECORD_BYTES) {
                return new Decoded<>(null, tooLong(type, bytes.length), bytes);
            }
            try {
                return new Decoded<>(strict.deserialize(topic, bytes), null, bytes);
            } catch (RegistrySilent e) {
                throw e;
            } catch (RuntimeException e) {
                return new Decoded<>(null, "not a " + type.getSimpleName() + ": " + reason(e), bytes);
            }
        };
    }

    /** Compressed, such a record passes the broker's limit; whoever had to write it on uncompressed would not. */
    private static String tooLong(Class<?> type, int bytes) {
        return "not a " + type.getSimpleName() + ": it has " + bytes + " bytes, more than the "
                + KafkaClients.MAX_RECORD_BYTES + " of any record here";
    }

    <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
        return Serdes.serdeFrom(this.<T>serializer(), deserializer(type));
    }

    <T extends SpecificRecord> Serde<Decoded<T>> decodedSerde(Class<T> type) {
        Serializer<Decoded<T>> bytesAsTheyLay =
                (topic, decoded) -> decoded == null || decoded.bytes().length == 0 ? null : decoded.bytes();
        return Serdes.serdeFrom(bytesAsTheyLay, tolerantDeserializer(type));
    }

    private static <T extends SpecificRecord> @Nullable T decode(
            KafkaAvroDeserializer avro, String topic, byte @Nullable [] bytes, Class<T> type) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                Object value = avro.deserialize(topic, bytes);
                if (value == null || type.isInstance(value)) {
                    return type.cast(value);
                }
                throw new SerializationException("it is a " + value.getClass().getSimpleName());
            } catch (SerializationException e) {
                if (!registryAtFault(e)) {
                    throw e;
                }
                if (System.nanoTime() > deadline) {
                    throw new RegistrySilent(e);
                }
                LOG.atWarn().addKeyValue("reason", reason(e)).log("schema_registry.url does not answer; retrying");
                pause();
            }
        }
    }

    /** A registry that is away says nothing about the record: it must not be taken for poison. */
    private static boolean registryAtFault(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof RestClientException refusal) {
                int status = refusal.getStatus();
                return status >= 500 || status == 401 || status == 403 || status == 408 || status == 429;
            }
            if (cause instanceof SocketException
                    || cause instanceof SocketTimeoutException
                    || cause instanceof UnknownHostException
                    || cause instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static String reason(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    /** The registry did not answer for longer than is waited for it. */
    private static final class RegistrySilent extends SerializationException {
        private static final long serialVersionUID = 1L;

        RegistrySilent(Throwable cause) {
            super("schema_registry.url: no answer for " + PATIENCE.toSeconds() + " s", cause);
        }
    }
}
