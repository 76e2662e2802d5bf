package ai.consilium.learner.checkpoint;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.training.Trainer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one policy's round: each is {@code adapter.safetensors}, {@code moments.safetensors} and
 * {@code state.json}, which its storage keeps as one.
 */
public final class CheckpointStore {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ADAPTER = "adapter.safetensors";
    private static final String MOMENTS = "moments.safetensors";
    private static final String STATE = "state.json";

    /** Content of state.json. The hashes show that the tensor files are the ones that were written with it. */
    private record StateFile(Checkpoint.Facts facts, long optimiserStep, String adapterSha256, String momentsSha256) {}

    private final CheckpointStorage storage;
    private final long first;
    private final FaultPoint.Plan faults;

    /**
     * Over a storage. Removes what a write left behind there that did not end.
     *
     * @param first version that is never removed
     */
    public CheckpointStore(CheckpointStorage storage, long first, FaultPoint.Plan faults) {
        this.storage = storage;
        this.first = first;
        this.faults = faults;
        try {
            storage.removeUnfinished();
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoints in " + storage.location() + " cannot be used", e);
        }
    }

    /** Where they are, as messages name it. */
    public String location() {
        return storage.location();
    }

    /**
     * Writes a checkpoint; when this returns the storage does not lose it.
     *
     * @throws OvertakenException when another learner has written a checkpoint of the version; it stays
     */
    public void write(Checkpoint checkpoint) {
        long version = checkpoint.version();
        byte[] adapter = checkpoint.trained().adapter().toSafetensors();
        byte[] moments = OptimizerStateFile.write(checkpoint.trained());
        StateFile state = new StateFile(
                checkpoint.facts(),
                checkpoint.trained().step(),
                DigestUtils.sha256Hex(adapter),
                DigestUtils.sha256Hex(moments));
        try {
            TreeMap<String, byte[]> files = new TreeMap<>(Map.of(
                    ADAPTER,
                    adapter,
                    MOMENTS,
                    moments,
                    STATE,
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(state)));
            while (!storage.write(version, files, faults)) {
                // Only a damaged one is made again.
                if (read(version).isPresent()) {
                    throw new OvertakenException(storage.location(), version);
                }
                storage.setAside(version);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "checkpoint %d cannot be written to %s: %s".formatted(version, storage.location(), e.getMessage()),
                    e);
        }
    }

    /** The newest whole checkpoint; damaged ones are passed over with a warning. */
    public Optional<Checkpoint> latest() {
        return versions().stream()
                .sorted(Comparator.reverseOrder())
                .flatMap(version -> read(version).stream())
                .findFirst();
    }

    /**
     * Removes all but the newest versions, and the first: the end of the run is compared with it.
     *
     * @param kept versions that stay as well
     */
    public void prune(int keepLast, Set<Long> kept) {
        List<Long> versions = versions();
        for (long version : versions.subList(0, Math.max(0, versions.size() - keepLast))) {
            if (version > first && !kept.contains(version)) {
                try {
                    storage.remove(version);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** Versions that are there, ascending. */
    public List<Long> versions() {
        try {
            return storage.versions();
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoints in " + storage.location() + " cannot be listed", e);
        }
    }

    /** The checkpoint of a version; empty, with a warning, when it is damaged or missing. */
    public Optional<Checkpoint> read(long version) {
        String name = storage.location() + "/" + version;
        try {
            StateFile state = JSON.readValue(storage.read(version, STATE), StateFile.class);
            byte[] adapter = storage.read(version, ADAPTER);
            byte[] moments = storage.read(version, MOMENTS);
            if (!DigestUtils.sha256Hex(adapter).equals(state.adapterSha256())
                    || !DigestUtils.sha256Hex(moments).equals(state.momentsSha256())) {
                throw new IOException("its tensor files do not match their recorded hashes");
            }
            Trainer.State trained = new Trainer.State(
                    Adapter.fromSafetensors(adapter, name + "/" + ADAPTER),
                    OptimizerStateFile.read(moments, name + "/" + MOMENTS),
                    state.optimiserStep());
            return Optional.of(new Checkpoint(trained, state.facts()));
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("checkpoint", name)
                    .addKeyValue("reason", e.getMessage())
                    .log("Skipping a damaged checkpoint");
            return Optional.empty();
        }
    }
}
