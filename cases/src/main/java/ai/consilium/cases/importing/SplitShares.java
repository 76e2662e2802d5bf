package ai.consilium.cases.importing;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseException;
import java.util.Arrays;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * How much of a set goes to which file. Who goes where follows from a name alone, so that a set which grows keeps its splits.
 *
 * @param train in parts of the sum of the three, as are the others
 */
public record SplitShares(int train, int val, int test) {
    /** Hex digits of a hash that a share is compared with. */
    private static final int DIGITS = 8;

    /** @throws CaseException when nothing is shared out */
    public SplitShares {
        if (train < 0 || val < 0 || test < 0 || (long) train + val + test == 0) {
            throw new CaseException("--split: must be three shares of which one is above 0, for example 80/10/10");
        }
    }

    /** Reads {@code 80/10/10}. @throws CaseException */
    public static SplitShares parse(String text) {
        String[] parts = text.strip().split("/", -1);
        try {
            int[] shares = Arrays.stream(parts).mapToInt(Integer::parseInt).toArray();
            if (shares.length == 3) {
                return new SplitShares(shares[0], shares[1], shares[2]);
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new CaseException("--split: '" + text + "' is not TRAIN/VAL/TEST, for example 80/10/10");
    }

    /** The case file that a name belongs to. */
    String file(String name) {
        double place = Long.parseLong(DigestUtils.sha256Hex(name).substring(0, DIGITS), 16) / (double) (1L << 32);
        double sum = (double) train + val + test;
        if (place < train / sum) {
            return CaseLibrary.TRAINING_FILE;
        }
        return place < (train + (double) val) / sum ? CaseLibrary.VALIDATION_FILE : CaseLibrary.TEST_FILE;
    }
}
