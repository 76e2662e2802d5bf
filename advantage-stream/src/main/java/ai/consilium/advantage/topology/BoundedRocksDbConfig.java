package ai.consilium.advantage.topology;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * Bounds what the state stores hold outside the heap. Groups live for seconds and each task has six stores: Kafka's default
 * of three 16 MiB write buffers a store would take gigabytes from the models in the same machine.
 */
public final class BoundedRocksDbConfig implements RocksDBConfigSetter {
    private static final long WRITE_BUFFER_BYTES = 4L << 20;
    private static final int WRITE_BUFFERS = 2;

    /** Made by Kafka Streams, by name. */
    public BoundedRocksDbConfig() {}

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(WRITE_BUFFERS);
    }

    @Override
    public void close(String storeName, Options options) {}
}
