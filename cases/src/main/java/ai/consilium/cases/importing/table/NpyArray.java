package ai.consilium.cases.importing.table;

import ai.consilium.cases.format.CaseException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of whole numbers in numpy's format, versions 1 to 3 (numpy/lib/format.py), read row by row: it may be larger than
 * memory.
 */
public final class NpyArray implements AutoCloseable {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /** numpy itself refuses to trust a longer one. */
    private static final int LONGEST_HEADER = 10_000;

    private static final int LARGEST_ROW = 256 << 20;
    private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)([a-zA-Z])(\\d+)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");

    private final String name;
    private final DataInputStream in;
    private final List<Integer> shape;
    private final int itemBytes;
    private final boolean signed;
    private final ByteOrder order;
    private final int itemsARow;
    private int rows;

    private NpyArray(String name, DataInputStream in, String header) {
        this.name = name;
        this.in = in;
        Matcher type = find(TYPE, header);
        char kind = type.group(2).charAt(0);
        itemBytes = type.group(3).length() == 1 ? Integer.parseInt(type.group(3)) : 0;
        if ((kind != 'u' && kind != 'i') || !List.of(1, 2, 4, 8).contains(itemBytes)) {
            throw new CaseException(name + ": holds items of type " + kind + type.group(3) + ", not whole numbers");
        }
        signed = kind == 'i';
        order = type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        if (find(ORDER, header).group(1).equals("True")) {
            throw new CaseException(name + ": is stored column by column (Fortran order); save it row by row");
        }
        List<Integer> read = new ArrayList<>();
        for (String length : find(SHAPE, header).group(1).split(",")) {
            if (!length.isBlank()) {
                read.add(length(length.strip()));
            }
        }
        if (read.isEmpty()) {
            throw new CaseException(name + ": is a single number, not an array");
        }
        shape = Collections.unmodifiableList(read);
        long items = 1;
        for (int length : shape.subList(1, shape.size())) {
            items = Math.min(Integer.MAX_VALUE, items * length);
        }
        if (items * itemBytes > LARGEST_ROW) {
            throw new CaseException(name + ": has rows of more than " + LARGEST_ROW + " bytes");
        }
        itemsARow = (int) items;
    }

    /**
     * Opens an array.
     *
     * @param name for messages
     * @param stream is closed with it
     * @throws CaseException when it is none
     */
    public static NpyArray open(String name, InputStream stream) throws IOException {
        DataInputStream in = new DataInputStream(stream);
        try {
            byte[] magic = in.readNBytes(MAGIC.length);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new CaseException(name + ": is no array of numpy's");
            }
            int version = in.readUnsignedByte();
            in.readUnsignedByte();
            int length = version == 1
                    ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
                    : Integer.reverseBytes(in.readInt());
            if (version < 1 || version > 3 || length < 0 || length > LONGEST_HEADER) {
                throw new CaseException(name + ": has a header of version " + version + " and " + length + " bytes");
            }
            byte[] header = new byte[length];
            in.readFully(header);
            return new NpyArray(name, in, new String(header, StandardCharsets.UTF_8));
        } catch (EOFException e) {
            throw new CaseException(name + ": ends within its header", e);
        }
    }

    private int length(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new CaseException(name + ": has a length of " + digits, e);
        }
    }

    private Matcher find(Pattern pattern, String header) {
        Matcher found = pattern.matcher(header);
        if (!found.find()) {
            throw new CaseException(name + ": has a header without type, order or shape");
        }
        return found;
    }

    /** Lengths of its axes; the first is the number of rows. */
    public List<Integer> shape() {
        return shape;
    }

    /** Bytes of an item. */
    public int itemBytes() {
        return itemBytes;
    }

    /** The next row as it is stored. @throws CaseException when the file ends before it does */
    public byte[] nextBytes() throws IOException {
        byte[] row = new byte[itemsARow * itemBytes];
        try {
            in.readFully(row);
        } catch (EOFException e) {
            throw new CaseException(name + ":" + (rows + 1) + ": ends here, of " + shape.get(0) + " rows", e);
        }
        rows++;
        return row;
    }

    /** The numbers of the next row. @throws CaseException when the file ends before it does */
    public long[] nextNumbers() throws IOException {
        ByteBuffer row = ByteBuffer.wrap(nextBytes()).order(order);
        long[] numbers = new long[itemsARow];
        for (int i = 0; i < itemsARow; i++) {
            numbers[i] = number(row);
        }
        return numbers;
    }

    private long number(ByteBuffer row) {
        return switch (itemBytes) {
            case 1 -> signed ? row.get() : Byte.toUnsignedLong(row.get());
            case 2 -> signed ? row.getShort() : Short.toUnsignedLong(row.getShort());
            case 4 -> signed ? row.getInt() : Integer.toUnsignedLong(row.getInt());
            default -> row.getLong();
        };
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
