package ai.consilium.cli.letters;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.letters.RecordPlace;
import ai.consilium.runlog.letters.RecordedLetter;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which dead letters a command is about. */
public final class LetterFilter {
    @Option(names = "--topic", paramLabel = "TOPIC", description = "Only of records of this topic: trajectories.")
    private @Nullable String topic;

    @Option(names = "--stage", paramLabel = "ROLE", description = "Only those that this role refused.")
    private @Nullable String stage;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Only those whose reason contains this text.")
    private @Nullable String reason;

    @Option(names = "--since", paramLabel = "TIME", description = "Only those of the last 30s, 10m, 2h or 3d.")
    private @Nullable String since;

    /** Those that are meant, in their order. */
    public List<RecordedLetter> of(List<RecordedLetter> letters, KafkaClients kafka) {
        String name = topic == null ? null : RecordPlace.topic(topic, kafka);
        long from = since == null
                ? Long.MIN_VALUE
                : System.currentTimeMillis() - age(since).toMillis();
        return letters.stream()
                .filter(letter -> name == null || letter.about().topic().equals(name))
                .filter(letter -> stage == null || letter.stage().equals(stage))
                .filter(letter -> reason == null || letter.reason().contains(reason))
                .filter(letter -> letter.createdMs() >= from)
                .toList();
    }

    /** Whether anything is left out. */
    public boolean isSet() {
        return topic != null || stage != null || reason != null || since != null;
    }

    private static Duration age(String written) {
        String iso = written.toUpperCase(Locale.ROOT);
        try {
            return Duration.parse(iso.endsWith("D") ? "P" + iso : "PT" + iso);
        } catch (DateTimeParseException e) {
            throw new UsageException("--since: '" + written + "' is no time such as 30s, 10m, 2h or 3d", e);
        }
    }
}
