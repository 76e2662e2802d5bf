package ai.consilium.cases.importing.table;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.Printable;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Rows of a Parquet file as JSON: structs are objects, lists arrays, bytes binary; what is null is absent. */
public final class ParquetTable {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Takes the rows. */
    @FunctionalInterface
    public interface Rows {
        /** @param number from 1 */
        void take(int number, ObjectNode row);
    }

    /** Reads a file row by row. @throws CaseException naming file and row when it is broken */
    public static void each(Path file, Rows rows) throws IOException {
        String name = String.valueOf(file.getFileName());
        int number = 0;
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
            MessageType schema = reader.getFileMetaData().getSchema();
            MessageColumnIO columns = new ColumnIOFactory().getColumnIO(schema);
            for (PageReadStore pages = reader.readNextRowGroup(); pages != null; pages = reader.readNextRowGroup()) {
                RecordReader<Group> records = columns.getRecordReader(pages, new GroupRecordConverter(schema));
                for (long left = pages.getRowCount(); left > 0; left--) {
                    ObjectNode row = object(records.read());
                    number++;
                    rows.take(number, row);
                }
            }
        } catch (CaseException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Its reader meets damage with whatever comes: a sum that is wrong, an index, a negative size.
            String problem = String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
            throw new CaseException(
                    name + ":" + (number + 1) + ": is no Parquet file, or a damaged one: " + Printable.shown(problem),
                    e);
        }
    }

    private static ObjectNode object(Group group) {
        ObjectNode object = JSON.objectNode();
        GroupType type = group.getType();
        for (int field = 0; field < type.getFieldCount(); field++) {
            Type of = type.getType(field);
            int count = group.getFieldRepetitionCount(field);
            if (of.isRepetition(Type.Repetition.REPEATED)) {
                ArrayNode items = object.putArray(of.getName());
                for (int i = 0; i < count; i++) {
                    items.add(value(group, field, i));
                }
            } else if (count > 0) {
                object.set(of.getName(), value(group, field, 0));
            }
        }
        return object;
    }

    private static JsonNode value(Group group, int field, int index) {
        Type type = group.getType().getType(field);
        if (type.isPrimitive()) {
            return primitive(group, field, index, type);
        }
        Group inner = group.getGroup(field, index);
        return type.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation ? list(inner) : object(inner);
    }

    /** A list is a group of one repeated group of one element (the format's LogicalTypes.md, Lists). */
    private static JsonNode list(Group outer) {
        ArrayNode items = JSON.arrayNode();
        Type repeated = outer.getType().getType(0);
        for (int i = 0; i < outer.getFieldRepetitionCount(0); i++) {
            if (repeated.isPrimitive()) {
                items.add(primitive(outer, 0, i, repeated));
            } else {
                Group item = outer.getGroup(0, i);
                items.add(item.getFieldRepetitionCount(0) == 0 ? JSON.nullNode() : value(item, 0, 0));
            }
        }
        return items;
    }

    private static JsonNode primitive(Group group, int field, int index, Type type) {
        return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
            case INT32 -> JSON.numberNode(group.getInteger(field, index));
            case INT64 -> JSON.numberNode(group.getLong(field, index));
            case FLOAT -> JSON.numberNode(group.getFloat(field, index));
            case DOUBLE -> JSON.numberNode(group.getDouble(field, index));
            case BOOLEAN -> JSON.booleanNode(group.getBoolean(field, index));
            case BINARY ->
                text(type.getLogicalTypeAnnotation())
                        ? JSON.textNode(group.getBinary(field, index).toStringUsingUTF8())
                        : JSON.binaryNode(group.getBinary(field, index).getBytes());
            default -> JSON.textNode(group.getValueToString(field, index));
        };
    }

    private static boolean text(LogicalTypeAnnotation of) {
        return of instanceof StringLogicalTypeAnnotation
                || of instanceof EnumLogicalTypeAnnotation
                || of instanceof JsonLogicalTypeAnnotation;
    }

    private ParquetTable() {}
}
