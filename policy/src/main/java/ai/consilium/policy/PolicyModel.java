package ai.consilium.policy;

/** Base weights in native memory, shared by every sampler and trainer of the process. Thread-safe after loading. */
public final class PolicyModel implements AutoCloseable {
    /** Loads the weights; float32. @throws ModelException naming the file and tensor */
    public static PolicyModel load(ModelDirectory directory, Compute compute) {
        throw new UnsupportedOperationException("stub");
    }

    /** Where it came from. */
    public ModelDirectory directory() {
        throw new UnsupportedOperationException("stub");
    }

    /** Number of parameters. */
    public long parameters() {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public void close() {}
}
