package ai.consilium.cli.letters;

import ai.consilium.cases.format.Printable;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.letters.RawRecord;
import ai.consilium.runlog.letters.RecordedLetter;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * What the record of a letter holds.
 *
 * @param source log (it still lies where it was), letter, or piece (of one that the letter did not keep whole)
 * @param headers as text
 * @param value decoded; null where it cannot be
 * @param hex of the value's first bytes, where it cannot be decoded
 */
public record LetterContent(
        String source,
        Map<String, String> headers,
        @Nullable JsonNode value,
        @Nullable String hex) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HEX_BYTES = 512;
    private static final int LINE_BYTES = 16;

    /** Reads it. */
    public static LetterContent of(RecordedLetter letter, KafkaClients kafka) {
        Optional<RawRecord> whole = RawRecord.of(letter, kafka);
        RawRecord record = whole.or(() -> RawRecord.kept(letter, kafka))
                .orElseGet(() -> new RawRecord(null, null, Map.of(), false));
        Map<String, String> headers = new TreeMap<>();
        record.headers()
                .forEach((name, value) ->
                        headers.put(name, value == null ? "" : new String(value, StandardCharsets.UTF_8)));
        byte[] value = record.value() == null ? new byte[0] : record.value();
        JsonNode decoded = whole.isEmpty() ? null : decoded(letter, value, kafka);
        return new LetterContent(
                whole.isEmpty() ? "piece" : record.fromLog() ? "log" : "letter",
                headers,
                decoded,
                decoded == null ? HexFormat.of().formatHex(value, 0, Math.min(HEX_BYTES, value.length)) : null);
    }

    private static @Nullable JsonNode decoded(RecordedLetter letter, byte[] value, KafkaClients kafka) {
        String topic = letter.about().topic();
        return letter.about()
                .kind(kafka)
                .map(kind -> tolerant(kafka, kind.valueType(), topic, value))
                .map(Decoded::value)
                .map(LetterContent::json)
                .orElse(null);
    }

    private static <T extends SpecificRecord> Decoded<T> tolerant(
            KafkaClients kafka, Class<T> type, String topic, byte[] value) {
        return kafka.decodedSerde(type).deserializer().deserialize(topic, value);
    }

    /** Avro writes its records as JSON. */
    private static @Nullable JsonNode json(SpecificRecord record) {
        try {
            return JSON.readTree(record.toString());
        } catch (JsonProcessingException none) {
            return JSON.getNodeFactory().textNode(record.toString());
        }
    }

    /** Lines for a terminal, whatever the record holds. @param most characters of a decoded value */
    public String text(int most) throws JsonProcessingException {
        if (value != null) {
            String all = ReportJson.write(value);
            String shown = all.length() <= most ? all : all.substring(0, most) + "\n... (--full shows all)";
            return shown.lines().map(Printable::shown).collect(Collectors.joining("\n"));
        }
        byte[] bytes = HexFormat.of().parseHex(hex == null ? "" : hex);
        StringBuilder lines = new StringBuilder();
        for (int at = 0; at < bytes.length; at += LINE_BYTES) {
            int end = Math.min(at + LINE_BYTES, bytes.length);
            String pairs = HexFormat.ofDelimiter(" ").formatHex(bytes, at, end);
            String ascii = new String(bytes, at, end - at, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
            lines.append(String.format(Locale.ROOT, "%08x  %-47s  %s%n", at, pairs, ascii));
        }
        return lines.toString().stripTrailing();
    }
}
