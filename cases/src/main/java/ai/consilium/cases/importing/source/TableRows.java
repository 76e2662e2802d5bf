package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.Fields;
import ai.consilium.cases.format.Printable;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Rows of a table in UTF-8 text: cells between separators, quoted where need be (RFC 4180), the first row names the columns. */
final class TableRows {
    private static final int LONGEST_CELL = 200_000_000;
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private static final CsvMapper CSV = CsvMapper.builder(CsvFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(LONGEST_CELL)
                            .build())
                    .build())
            .enable(CsvParser.Feature.WRAP_AS_ARRAY)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .build();

    /**
     * Reads a file row by row.
     *
     * @param names of the columns, where the file's own first row is not to be believed
     * @param directory of its pictures
     * @throws CaseException for a table that is broken, naming the line
     */
    static void each(
            Path file, Path directory, char separator, Optional<List<String>> names, Consumer<SourceRow> rows) {
        String name = String.valueOf(file.getFileName());
        int line = 1;
        try (BufferedReader text = reader(file);
                MappingIterator<String[]> cells = cells(text, separator)) {
            if (!cells.hasNextValue()) {
                throw new CaseException(name + ":1: is empty");
            }
            List<String> own = columns(name, cells.nextValue());
            List<String> columns = names.orElse(own);
            line = cells.getCurrentLocation().getLineNr();
            int number = 0;
            while (cells.hasNextValue()) {
                // The parser is still at the end of the line before.
                int begins = cells.getParser().currentTokenLocation().getLineNr() + 1;
                String[] row = cells.nextValue();
                if (row.length > columns.size()) {
                    throw new CaseException(name + ":" + begins + ": has " + row.length + " cells, the first row has "
                            + columns.size() + "; is a quote or a separator missing?");
                }
                ObjectNode fields = JsonNodeFactory.instance.objectNode();
                for (int i = 0; i < row.length; i++) {
                    if (row[i] != null && !row[i].isBlank()) {
                        fields.put(columns.get(i), row[i].strip());
                    }
                }
                rows.accept(new SourceRow(name, begins, ++number, directory, "", new Fields(fields, "")));
                line = cells.getCurrentLocation().getLineNr();
            }
        } catch (CharacterCodingException e) {
            throw notText(name, e);
        } catch (RuntimeJsonMappingException | JsonProcessingException e) {
            String problem = String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
            throw new CaseException(name + ":" + line + ": broken table: " + Printable.shown(problem), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws CaseException naming the first column that the file lacks */
    static void requireColumns(Path file, char separator, List<String> wanted) {
        try (BufferedReader text = reader(file);
                MappingIterator<String[]> cells = cells(text, separator)) {
            List<String> there = cells.hasNextValue() ? List.of(cells.nextValue()) : List.of();
            for (String column : wanted) {
                if (!there.contains(column)) {
                    throw new CaseException(file.getFileName() + ":1: has no column '" + Printable.shown(column)
                            + "'; columns are " + Printable.shown(String.join(", ", there)));
                }
            }
        } catch (CharacterCodingException e) {
            throw notText(String.valueOf(file.getFileName()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the text behind a byte order mark. */
    private static BufferedReader reader(Path file) throws IOException {
        BufferedReader text = Files.newBufferedReader(file);
        text.mark(1);
        if (text.read() != BYTE_ORDER_MARK) {
            text.reset();
        }
        return text;
    }

    private static MappingIterator<String[]> cells(BufferedReader text, char separator) throws IOException {
        return CSV.readerFor(String[].class)
                .with(CsvSchema.emptySchema().withColumnSeparator(separator))
                .readValues(text);
    }

    private static CaseException notText(String name, CharacterCodingException e) {
        return new CaseException(name + ": is not UTF-8 text; save the table as UTF-8", e);
    }

    private static List<String> columns(String file, String[] header) {
        Set<String> known = new HashSet<>();
        for (String column : header) {
            if (!known.add(column)) {
                throw new CaseException(file + ":1: two columns are named '" + Printable.shown(column) + "'");
            }
        }
        return List.of(header);
    }

    private TableRows() {}
}
