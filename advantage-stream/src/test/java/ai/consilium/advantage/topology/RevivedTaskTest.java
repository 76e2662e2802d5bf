package ai.consilium.advantage.topology;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.advantage.AdvantageRecords;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

/**
 * When a transaction is aborted, Kafka Streams winds the stores back and starts the same processor again: nothing that it
 * learned in the transaction may live on.
 */
class RevivedTaskTest {
    private final List<Probe> probes = new ArrayList<>();
    private final AdvantageTopology.Setting setting = new AdvantageTopology.Setting(
            topic -> topic.name("run"),
            PolicyTable.of(AdvantageRecords.SPECIALTIES),
            "advantage/test",
            TopologyRig.TICK,
            TopologyRig.RETENTION,
            new MockSerdes(),
            Stores::inMemoryKeyValueStore,
            this::probe,
            new GroupMetrics(new SimpleMeterRegistry()));

    /** Refuses to be asked after it was closed, as a consumer does. */
    private static final class Probe implements UnreadInput {
        private final List<Map<String, Long>> asked = new ArrayList<>();
        private boolean closed;

        @Override
        public boolean any(int partition, Map<String, Long> next) {
            assertThat(closed).isFalse();
            asked.add(Map.copyOf(next));
            return false;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private UnreadInput probe() {
        probes.add(new Probe());
        return probes.get(probes.size() - 1);
    }

    @Test
    void givenAPromptOfAnAbortedTransactionThenTheRevivedTaskKnowsNeitherItNorItsOffset() {
        GroupProcessor processor = new GroupProcessor(setting);
        MockProcessorContext<String, SpecificRecord> aborted = context();
        processor.init(aborted);
        aborted.setRecordMetadata(Topics.PROMPTS.name("run"), 0, 41);
        Prompt prompt = AdvantageRecords.prompt("g");
        processor.process(new Record<>("g", new Decoded<>(prompt, null, new byte[0]), 0));
        processor.close();

        MockProcessorContext<String, SpecificRecord> revived = context();
        processor.init(revived);
        passDeadline(revived);
        assertThat(revived.forwarded()).isEmpty();

        revived.setRecordMetadata(Topics.SCORES.name("run"), 0, 7);
        processor.process(new Record<>("g", new Decoded<>(AdvantageRecords.scores("g", 0), null, new byte[0]), 0));
        revived.setCurrentSystemTimeMs(TopologyRig.RETENTION.toMillis() * 4);
        passDeadline(revived);

        assertThat(probes.get(probes.size() - 1).asked).last().isEqualTo(Map.of(Topics.SCORES.name("run"), 8L));
    }

    private static void passDeadline(MockProcessorContext<String, SpecificRecord> context) {
        context.setCurrentSystemTimeMs(context.currentSystemTimeMs() + AdvantageRecords.DEADLINE);
        context.scheduledPunctuators().get(0).getPunctuator().punctuate(context.currentSystemTimeMs());
    }

    /** Of a task whose stores are empty. */
    private MockProcessorContext<String, SpecificRecord> context() {
        MockProcessorContext<String, SpecificRecord> context = new MockProcessorContext<>();
        context.setCurrentSystemTimeMs(0);
        GroupStores.builders(setting.serdes(), setting.stores()).forEach(store -> add(context, store));
        add(
                context,
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(GroupScoringRules.STORE), Serdes.String(), Serdes.String()));
        return context;
    }

    private static void add(MockProcessorContext<String, SpecificRecord> context, StoreBuilder<?> builder) {
        var store = builder.withCachingDisabled().withLoggingDisabled().build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
    }
}
