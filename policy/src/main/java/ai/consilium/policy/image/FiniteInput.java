package ai.consilium.policy.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A file in memory that loses patience with decoders which go on after its end: one of them asks once more for every pixel of a
 * damaged header's millions.
 */
final class FiniteInput extends MemoryCacheImageInputStream {
    /** Decoders that read ahead meet the end of a whole file too, a few times. */
    private static final int MOST_ENDS = 4096;

    private int ends;

    FiniteInput(byte[] bytes) {
        super(new ByteArrayInputStream(bytes));
    }

    @Override
    public int read() throws IOException {
        return checked(super.read());
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        return checked(super.read(into, from, length));
    }

    private int checked(int read) {
        if (read < 0 && ++ends > MOST_ENDS) {
            // Unchecked: the decoder in question takes every EOFException for the end of a picture of zeros.
            throw new IllegalStateException("it ends too early");
        }
        return read;
    }
}
