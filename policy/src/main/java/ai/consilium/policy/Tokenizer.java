package ai.consilium.policy;

/** tokenizer.json of a model directory, never truncating. Thread-safe. */
public final class Tokenizer {
    /** Token ids; special tokens in the text (such as &lt;think&gt;) map to their ids; none are added. */
    public int[] encode(String text) {
        throw new UnsupportedOperationException("stub");
    }

    /** Text of the ids, special tokens included, single spaces between words. */
    public String decode(int[] tokens) {
        throw new UnsupportedOperationException("stub");
    }

    /** Id of a token. @throws ModelException when the vocabulary lacks it */
    public int id(String token) {
        throw new UnsupportedOperationException("stub");
    }
}
