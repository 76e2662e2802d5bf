package ai.consilium.runlog.letters;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter, without the bytes that it keeps.
 *
 * @param letter where the letter itself lies
 * @param about the record that could not be used
 * @param stage role that refused it
 * @param key of the record; null where it had none
 * @param bytes length of the record's value; -1: not known
 * @param sha256 of the record's value; empty: not known, or a tombstone
 * @param whole whether the letter keeps key and value whole
 * @param redrivenTo where the record was written again since
 */
public record RecordedLetter(
        RecordPlace letter,
        RecordPlace about,
        String stage,
        String reason,
        long createdMs,
        @Nullable String key,
        long bytes,
        String sha256,
        boolean whole,
        List<String> redrivenTo) {
    /** A longer key may have been cut. */
    private static final int WHOLE_KEY = (64 << 10) - 1;

    /** All of a run, in the order of the log. */
    public static List<RecordedLetter> read(KafkaClients kafka) {
        List<RecordedLetter> letters = new ArrayList<>();
        Map<RecordPlace, List<String>> marks = new HashMap<>();
        TopicContent.records(kafka, Topics.DEAD_LETTERS, DeadLetter.class, null, record -> {
            DeadLetter letter = record.value();
            List<String> redriven = marks.computeIfAbsent(RecordPlace.of(letter), place -> new ArrayList<>());
            if (letter.getRedrivenTo() != null) {
                redriven.add(letter.getRedrivenTo());
            } else {
                RecordPlace at = new RecordPlace(record.topic(), record.partition(), record.offset());
                letters.add(of(at, letter, redriven));
            }
        });
        return letters.stream().map(RecordedLetter::finished).toList();
    }

    private static RecordedLetter of(RecordPlace at, DeadLetter letter, List<String> redriven) {
        ByteBuffer key = letter.getOriginalKey();
        ByteBuffer value = letter.getOriginalValue();
        int kept = value == null ? 0 : value.remaining();
        boolean wholeKey = key == null || key.remaining() <= WHOLE_KEY;
        return new RecordedLetter(
                at,
                RecordPlace.of(letter),
                letter.getStage(),
                letter.getReason(),
                letter.getCreatedMs(),
                key == null
                        ? null
                        : StandardCharsets.UTF_8.decode(key.duplicate()).toString(),
                letter.getValueBytes(),
                letter.getValueSha256(),
                wholeKey && (letter.getValueBytes() < 0 || letter.getValueBytes() == kept),
                redriven);
    }

    /** Marks come after their letters. */
    private RecordedLetter finished() {
        return new RecordedLetter(
                letter, about, stage, reason, createdMs, key, bytes, sha256, whole, List.copyOf(redrivenTo));
    }
}
