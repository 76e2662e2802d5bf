package ai.consilium.advantage.topology;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/**
 * Bounds what the state stores hold outside the heap. Groups live for seconds and each task has six stores: Kafka's default
 * of three 16 MiB write buffers and a cache of 50 MiB a store would take gigabytes from the models in the same machine. Write buffers
 * fill as records come, so that a process grows by these for its first minutes.
 */
public final class BoundedRocksDbConfig implements RocksDBConfigSetter {
    private static final long WRITE_BUFFER_BYTES = 4L << 20;
    private static final int WRITE_BUFFERS = 2;

    /** Of blocks that were read from disk, for all stores of the process; open as long as it is. */
    private static final Cache BLOCKS = new LRUCache(64L << 20);

    /** Made by Kafka Streams, by name. */
    public BoundedRocksDbConfig() {}

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(WRITE_BUFFERS);
        BlockBasedTableConfig tables = (BlockBasedTableConfig) options.tableFormatConfig();
        tables.setBlockCache(BLOCKS);
        options.setTableFormatConfig(tables);
    }

    @Override
    public void close(String storeName, Options options) {}
}
