package ai.consilium.cli.export;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A value of ASN.1 in its distinguished encoding (X.690), as key files hold it.
 *
 * @param tag one byte
 * @param content without tag and length
 */
record DerValue(int tag, byte[] content) {
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_ID = 0x06;
    static final int SEQUENCE = 0x30;

    /** Values that follow one another. @throws IllegalArgumentException when it is something else */
    static List<DerValue> all(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        List<DerValue> values = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                int tag = in.get() & 0xff;
                byte[] content = new byte[length(in)];
                in.get(content);
                values.add(new DerValue(tag, content));
            }
        } catch (BufferUnderflowException | NegativeArraySizeException | OutOfMemoryError e) {
            throw new IllegalArgumentException("no whole DER value", e);
        }
        return values;
    }

    private static int length(ByteBuffer in) {
        int first = in.get() & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | in.get() & 0xff;
        }
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return length;
    }

    /** Of values. */
    static DerValue sequence(DerValue... values) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (DerValue value : values) {
            content.writeBytes(value.encoded());
        }
        return new DerValue(SEQUENCE, content.toByteArray());
    }

    /** What is in it. */
    List<DerValue> children() {
        return all(content);
    }

    /** With tag and length. */
    byte[] encoded() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            byte[] length =
                    ByteBuffer.allocate(Integer.BYTES).putInt(content.length).array();
            int zeros = 0;
            while (length[zeros] == 0) {
                zeros++;
            }
            out.write(0x80 | Integer.BYTES - zeros);
            out.write(length, zeros, Integer.BYTES - zeros);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DerValue value && value.tag == tag && Arrays.equals(value.content, content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content) + tag;
    }
}
