package ai.consilium.learner.checkpoint;

import java.io.IOException;
import java.util.List;
import java.util.SortedMap;

/** Where the checkpoints of one policy's round lie, as files by version. A version is there whole or not at all. */
public interface CheckpointStorage {
    /** What keeps other learners away from a storage until it is closed. */
    @FunctionalInterface
    interface Claim extends AutoCloseable {
        /** Of a storage that learners share: a lease keeps the others away. */
        Claim NONE = () -> {};

        @Override
        void close();
    }

    /**
     * Claims it.
     *
     * @throws ai.consilium.platform.UsageException when another learner has
     */
    Claim claim();

    /** Where it is, as messages name it. */
    String location();

    /** Removes what writes left behind that did not end. */
    void removeUnfinished() throws IOException;

    /** Versions that are there, ascending. */
    List<Long> versions() throws IOException;

    /**
     * Writes a version; when this returns true it survives a power cut here.
     *
     * @param files by name; written in their order
     * @param faults is told of each {@link FaultPoint} on the way
     * @return false when the version is there already: it stays as it is
     */
    boolean write(long version, SortedMap<String, byte[]> files, FaultPoint.Plan faults) throws IOException;

    /**
     * A file of a version.
     *
     * @throws IOException when it is not there or cannot be used
     * @throws java.io.UncheckedIOException when the storage does not answer, so that nobody knows
     */
    byte[] read(long version, String file) throws IOException;

    /** Takes a version that cannot be used out of the way; it is kept for whoever wants to know what happened. */
    void setAside(long version) throws IOException;

    /** Removes a version. */
    void remove(long version) throws IOException;
}
