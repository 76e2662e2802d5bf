package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.Fields;
import ai.consilium.cases.format.Printable;
import ai.consilium.cases.importing.table.ParquetTable;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Rows of a file that holds an object a row: Parquet, or JSON as one array of objects, as one object of objects by key, or as
 * objects one after another (JSONL).
 */
final class ObjectRows {
    static final String PARQUET = ".parquet";

    /** A picture in base64. */
    private static final int LONGEST_TEXT = 200_000_000;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(LONGEST_TEXT)
                            .build())
                    .build())
            .build();

    /**
     * Reads a file row by row.
     *
     * @param directory of its pictures
     * @throws CaseException for a broken file, naming the line, or the row of a Parquet file
     */
    static void each(Path file, Path directory, Consumer<SourceRow> rows) {
        if (file.toString().endsWith(PARQUET)) {
            String name = String.valueOf(file.getFileName());
            try {
                ParquetTable.each(
                        file,
                        (number, row) ->
                                rows.accept(new SourceRow(name, number, number, directory, "", new Fields(row, ""))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        } else {
            each(file, directory, false, rows);
        }
    }

    /** Reads a file whose one object holds a row by key. */
    static void eachByKey(Path file, Path directory, Consumer<SourceRow> rows) {
        each(file, directory, true, rows);
    }

    private static void each(Path file, Path directory, boolean keyed, Consumer<SourceRow> rows) {
        String name = String.valueOf(file.getFileName());
        int line = 1;
        try (JsonParser parser = JSON.createParser(file.toFile())) {
            String key = "";
            int depth = 0;
            int number = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                line = parser.currentTokenLocation().getLineNr();
                boolean opens =
                        token == JsonToken.START_ARRAY || keyed && depth == 0 && token == JsonToken.START_OBJECT;
                if (opens && depth == 0) {
                    depth = 1;
                } else if (token == JsonToken.FIELD_NAME) {
                    key = parser.currentName();
                } else if (token == JsonToken.START_OBJECT) {
                    JsonNode row = JSON.readTree(parser);
                    rows.accept(new SourceRow(name, line, ++number, directory, key, new Fields(row, "")));
                } else if (token != JsonToken.END_ARRAY && token != JsonToken.END_OBJECT) {
                    throw new CaseException(name + ":" + line + ": must be an object, one a row");
                }
            }
        } catch (JsonProcessingException e) {
            throw broken(name, line, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CaseException broken(String name, int row, JsonProcessingException e) {
        int line = e.getLocation() == null ? row : e.getLocation().getLineNr();
        int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
        String problem = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        return new CaseException(
                name + ":" + line + ": broken JSON at column " + column + ": " + Printable.shown(problem), e);
    }

    private ObjectRows() {}
}
