package ai.consilium.platform.kafka;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Hears of every record that is about to be written to a topic of the run. */
@FunctionalInterface
public interface RecordTraces {
    /** W3C's name of the header. */
    String HEADER = "traceparent";

    /** @return value of {@link #HEADER} for the record; null for none */
    @Nullable
    String written(SpecificRecord record);
}
