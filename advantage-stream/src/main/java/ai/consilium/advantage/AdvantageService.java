package ai.consilium.advantage;

import ai.consilium.advantage.topology.AdvantageTopology;
import ai.consilium.advantage.topology.BoundedRocksDbConfig;
import ai.consilium.advantage.topology.GroupMetrics;
import ai.consilium.advantage.topology.RecordSerdes;
import ai.consilium.advantage.topology.StreamThreadRestartPolicy;
import ai.consilium.advantage.topology.UnreadInputProbe;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.Replication;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The role {@code advantage}: runs the topology on Kafka Streams, exactly once. Run several, each with its own instance
 * name, and they share the partitions.
 */
public final class AdvantageService implements Service {
    /** Name of the role. */
    private static final Logger LOG = LoggerFactory.getLogger(AdvantageService.class);

    private static final int BATCH_BYTES = 256 << 10;
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(20);
    /**
     * How long the partitions of an instance that died stay with it. A static member that comes back sooner, under the same
     * name, goes on without a rebalance.
     */
    private static final Duration SESSION = Duration.ofSeconds(10);

    /**
     * After that the broker ends a transaction. A machine that is paused for longer costs a restart of the thread, not the run;
     * what an instance that died left open holds its readers up for that long at most.
     */
    private static final Duration TRANSACTION = Duration.ofSeconds(30);

    private final KafkaStreams streams;
    private final GroupMetrics meters;
    private final ServiceThread supervisor;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final StreamThreadRestartPolicy revival;

    /**
     * A service that has not started.
     *
     * @param stateDir where the state stores lie; this instance's alone. Losing it costs time, not records
     */
    public AdvantageService(RunContext context, AdvantageConfig config, Path stateDir) {
        KafkaClients kafka = context.kafka();
        String application = kafka.group(AdvantageTopology.ROLE);
        this.meters = new GroupMetrics(context.metrics());
        this.revival = new StreamThreadRestartPolicy(config.threads());
        AdvantageTopology topology = new AdvantageTopology(new AdvantageTopology.Setting(
                kafka::topic,
                context.policies(),
                context.writer(AdvantageTopology.ROLE),
                config.deadlineCheckInterval(),
                config.closedRetention(),
                RecordSerdes.of(kafka),
                Stores::persistentKeyValueStore,
                () -> new UnreadInputProbe(kafka, application),
                meters));
        this.streams = new KafkaStreams(topology.build(), properties(context, config, application, stateDir));
        this.supervisor = new ServiceThread(AdvantageTopology.ROLE, this::supervise);
        streams.setUncaughtExceptionHandler(this::afterFailure);
    }

    private StreamThreadExceptionResponse afterFailure(Throwable e) {
        if (revival.possible(e, meters.progressed())) {
            LOG.atWarn().setCause(e).log("Transaction aborted by the broker; restarting the stream thread");
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        failure.set(e);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private static Properties properties(
            RunContext context, AdvantageConfig config, String application, Path stateDir) {
        Properties p = new Properties();
        p.put(
                StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                Math.toIntExact(TRANSACTION.toMillis()));
        p.putAll(context.kafka().connectionProperties());
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
        Replication replication = Replication.of(context.kafka());
        p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, replication.replicas());
        replication.configuration().forEach((key, value) -> p.put(StreamsConfig.topicPrefix(key), value));
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        p.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDbConfig.class);
        // Entries are written once and removed once: a cache would only delay them.
        p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        // The sources never throw on bad bytes. Whatever fails beyond that stops the client by name; nothing is
        // skipped.
        p.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndFailExceptionHandler.class);
        p.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndFailProcessingExceptionHandler.class);
        // What Kafka 5 will do anyway; its constant is deprecated already.
        p.put("processing.exception.handler.global.enabled", true);
        p.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, DefaultProductionExceptionHandler.class);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        // A batch per partition and transaction, whatever the groups' size: by default three trajectories fill one.
        p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), KafkaClients.MAX_RECORD_BYTES);
        p.put(
                StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
                Integer.toString(KafkaClients.MAX_RECORD_BYTES));
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
        p.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
                context.instance().replaceAll("[^a-zA-Z0-9._-]", "-"));
        p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), (int) SESSION.toMillis());
        p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), (int)
                SESSION.dividedBy(5).toMillis());
        return p;
    }

    @Override
    public String role() {
        return AdvantageTopology.ROLE;
    }

    @Override
    public void start() {
        streams.start();
        supervisor.start();
    }

    /** Beats while records move; says what is missing while none do; fails when Kafka Streams has given up. */
    private void supervise(ServiceThread.Pulse pulse) throws InterruptedException {
        long seen = -1;
        while (!pulse.stopping()) {
            KafkaStreams.State state = streams.state();
            Throwable cause = failure.get();
            if (cause != null || state == KafkaStreams.State.ERROR || state == KafkaStreams.State.NOT_RUNNING) {
                throw new IllegalStateException("the advantage stream stopped: Kafka Streams is " + state, cause);
            }
            long progressed = meters.progressed();
            long open = meters.open();
            if (progressed != seen) {
                seen = progressed;
                pulse.beat();
            } else if (state != KafkaStreams.State.RUNNING) {
                pulse.waitingFor("Kafka Streams, which is " + state);
            } else if (open > 0) {
                pulse.idle("trajectories or scores of " + open + " open groups");
            } else {
                pulse.idle("prompts");
            }
            pulse.pause(LOOK);
        }
    }

    @Override
    public List<ServiceThread> threads() {
        return List.of(supervisor);
    }

    @Override
    public void close() {
        supervisor.close();
        streams.close(CLOSE_PATIENCE);
    }
}
