package ai.consilium.merger.merge;

/**
 * A dense float64 matrix.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param values row-major, length rows · columns
 */
public record Matrix(int rows, int columns, double[] values) {
    public Matrix {
        if (values.length != rows * columns) {
            throw new IllegalArgumentException("%d values do not fill %d x %d".formatted(values.length, rows, columns));
        }
    }

    /** scale · left · right: the update of a weight from B [out, r] and A [r, in] in float32. */
    static Matrix product(double scale, long[] leftShape, float[] left, long[] rightShape, float[] right) {
        int rows = Math.toIntExact(leftShape[0]);
        int inner = Math.toIntExact(leftShape[1]);
        int columns = Math.toIntExact(rightShape[1]);
        if (inner != rightShape[0]) {
            throw new IllegalArgumentException("inner sizes differ: " + inner + " and " + rightShape[0]);
        }
        double[] values = new double[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < inner; k++) {
                double factor = scale * left[row * inner + k];
                for (int column = 0; column < columns; column++) {
                    values[row * columns + column] += factor * right[k * columns + column];
                }
            }
        }
        return new Matrix(rows, columns, values);
    }

    /** Square root of the sum of squares. */
    public double norm() {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }
}
