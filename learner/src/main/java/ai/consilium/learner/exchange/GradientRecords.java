package ai.consilium.learner.exchange;

import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.policy.exchange.PartGradient;
import ai.consilium.policy.training.PolicyParts;
import ai.consilium.schemas.PartShare;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.commons.codec.digest.DigestUtils;

/** A part's gradient in records, and out of them. Pure. */
final class GradientRecords {
    private static final int PIECE_BYTES = AdapterRecords.CHUNK_BYTES;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private GradientRecords() {}

    /** That a part is begun. */
    static PartShare begun(int part) {
        return new PartShare(part, 0, 0, 0.0, List.of(), "", NONE);
    }

    /** Its gradient, in pieces. */
    static List<PartShare> pieces(int part, PartGradient gradient) {
        byte[] bytes = bytes(gradient.gradients());
        int count = Math.max(1, (bytes.length + PIECE_BYTES - 1) / PIECE_BYTES);
        String hash = DigestUtils.sha256Hex(bytes);
        List<Double> sums = DoubleStream.of(gradient.sums()).boxed().toList();
        List<PartShare> pieces = new ArrayList<>();
        for (int piece = 1; piece <= count; piece++) {
            int from = (piece - 1) * PIECE_BYTES;
            ByteBuffer data = ByteBuffer.wrap(bytes, from, Math.min(PIECE_BYTES, bytes.length - from))
                    .slice();
            pieces.add(new PartShare(part, piece, count, gradient.loss(), sums, hash, data));
        }
        return pieces;
    }

    private static byte[] bytes(List<float[]> gradients) {
        long size = gradients.stream()
                .mapToLong(gradient -> (long) gradient.length * Float.BYTES)
                .sum();
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] gradient : gradients) {
            buffer.asFloatBuffer().put(gradient);
            buffer.position(buffer.position() + gradient.length * Float.BYTES);
        }
        return buffer.array();
    }

    /** Puts the pieces of one writer's part together as they come. One part at a time, as they are sent. */
    static final class Assembly {
        private final int[] lengths;
        private final List<PartShare> pieces = new ArrayList<>();

        /** @param lengths elements of each of the adapter's tensors */
        Assembly(int[] lengths) {
            this.lengths = lengths.clone();
        }

        /**
         * Takes the next piece; the first of a part gives up what was there.
         *
         * @return the gradient, with the last piece
         * @throws IllegalArgumentException saying what of it is not a gradient of this adapter
         */
        Optional<PartGradient> add(PartShare piece) {
            if (piece.getPiece() <= 1) {
                pieces.clear();
            }
            if (piece.getPiece() == 0 || piece.getPiece() != pieces.size() + 1) {
                return Optional.empty();
            }
            pieces.add(piece);
            if (piece.getPiece() < piece.getPieces()) {
                return Optional.empty();
            }
            return Optional.of(whole(piece));
        }

        private PartGradient whole(PartShare last) {
            long expected = Arrays.stream(lengths).asLongStream().sum() * Float.BYTES;
            long found = pieces.stream()
                    .mapToLong(piece -> piece.getData().remaining())
                    .sum();
            if (last.getSums().size() != PolicyParts.SUMS) {
                throw new IllegalArgumentException("it has %d figures, a part's are %d"
                        .formatted(last.getSums().size(), PolicyParts.SUMS));
            }
            if (found != expected) {
                throw new IllegalArgumentException(
                        "it has %d bytes, the adapter's gradient %d".formatted(found, expected));
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(expected)).order(ByteOrder.LITTLE_ENDIAN);
            pieces.forEach(piece -> bytes.put(piece.getData().duplicate()));
            pieces.clear();
            if (!DigestUtils.sha256Hex(bytes.array()).equals(last.getSha256())) {
                throw new IllegalArgumentException("its bytes do not have the SHA-256 " + last.getSha256());
            }
            bytes.flip();
            List<float[]> gradients = new ArrayList<>();
            for (int length : lengths) {
                float[] gradient = new float[length];
                bytes.asFloatBuffer().get(gradient);
                bytes.position(bytes.position() + length * Float.BYTES);
                gradients.add(gradient);
            }
            double[] sums =
                    last.getSums().stream().mapToDouble(Double::doubleValue).toArray();
            return new PartGradient(last.getLoss(), sums, gradients);
        }
    }
}
