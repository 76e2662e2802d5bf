package ai.consilium.runlog.letters;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Topics;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a record lies.
 *
 * @param topic name on the broker
 */
public record RecordPlace(String topic, int partition, long offset) {
    private static final Pattern WRITTEN = Pattern.compile("(.+)/(\\d{1,9})/(\\d{1,18})");

    static RecordPlace of(DeadLetter letter) {
        return new RecordPlace(letter.getTopic(), letter.getPartition(), letter.getOffset());
    }

    /**
     * As people write it, with or without the run's prefix: {@code trajectories/0/17}.
     *
     * @throws UsageException when it is none
     */
    public static RecordPlace parse(String written, KafkaClients kafka) {
        Matcher parts = WRITTEN.matcher(written);
        if (!parts.matches()) {
            throw new UsageException("'" + written + "' is no topic/partition/offset, for example trajectories/0/17");
        }
        return new RecordPlace(
                topic(parts.group(1), kafka), Integer.parseInt(parts.group(2)), Long.parseLong(parts.group(3)));
    }

    /** Name on the broker of a topic that is named with or without the run's prefix. */
    public static String topic(String written, KafkaClients kafka) {
        return Arrays.stream(Topics.values())
                .filter(topic -> topic.baseName().equals(written))
                .findFirst()
                .map(kafka::topic)
                .orElse(written);
    }

    /** Which of the run's topics it is in; empty of another topic. */
    public Optional<Topics> kind(KafkaClients kafka) {
        return Arrays.stream(Topics.values())
                .filter(known -> kafka.topic(known).equals(topic))
                .findFirst();
    }

    /** For people: without the run's prefix. */
    public String shown(KafkaClients kafka) {
        return kind(kafka).map(Topics::baseName).orElse(topic) + "/" + partition + "/" + offset;
    }

    /** As the keys of dead letters have it. */
    @Override
    public String toString() {
        return topic + "/" + partition + "/" + offset;
    }
}
