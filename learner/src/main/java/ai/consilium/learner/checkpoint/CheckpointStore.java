package ai.consilium.learner.checkpoint;

import ai.consilium.platform.run.RunDirectory;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.training.Trainer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one specialty: a directory a version with {@code adapter.safetensors}, {@code moments.safetensors} and
 * {@code state.json}. Written aside, synced and renamed, so that a directory with a version's name is a whole checkpoint.
 */
public final class CheckpointStore {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ADAPTER = "adapter.safetensors";
    private static final String MOMENTS = "moments.safetensors";
    private static final String STATE = "state.json";
    private static final String PROVISIONAL = ".part";
    private static final String DAMAGED = ".damaged";

    /** Content of state.json. The hashes show that the tensor files are the ones that were written with it. */
    private record StateFile(Checkpoint.Facts facts, long optimiserStep, String adapterSha256, String momentsSha256) {}

    private final Path directory;
    private final long first;
    private final FaultPoint.Plan faults;

    /**
     * Over {@code checkpoints/<policy>}, which it creates. Removes what a write left behind that did not end.
     *
     * @param first version that is never removed
     */
    public CheckpointStore(Path directory, long first, FaultPoint.Plan faults) {
        this.directory = directory;
        this.first = first;
        this.faults = faults;
        try {
            Files.createDirectories(directory);
            for (Path entry : entries()) {
                if (entry.getFileName().toString().endsWith(PROVISIONAL)) {
                    RunDirectory.delete(entry);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where they are. */
    public Path directory() {
        return directory;
    }

    /** Writes a checkpoint; when this returns it survives a power cut. */
    public void write(Checkpoint checkpoint) {
        long version = checkpoint.version();
        Path aside = directory.resolve(version + PROVISIONAL);
        try {
            Files.createDirectory(aside);
            byte[] adapter = checkpoint.trained().adapter().toSafetensors();
            byte[] moments = OptimizerStateFile.write(checkpoint.trained());
            Files.write(aside.resolve(ADAPTER), adapter);
            faults.reach(FaultPoint.CHECKPOINT_WRITE, version);
            Files.write(aside.resolve(MOMENTS), moments);
            StateFile state = new StateFile(
                    checkpoint.facts(),
                    checkpoint.trained().step(),
                    DigestUtils.sha256Hex(adapter),
                    DigestUtils.sha256Hex(moments));
            Files.write(
                    aside.resolve(STATE), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(state));
            faults.reach(FaultPoint.FSYNC, version);
            for (String file : List.of(ADAPTER, MOMENTS, STATE)) {
                sync(aside.resolve(file), StandardOpenOption.WRITE);
            }
            sync(aside, StandardOpenOption.READ);
            faults.reach(FaultPoint.RENAME, version);
            Path whole = directory.resolve(Long.toString(version));
            if (Files.exists(whole)) {
                setAside(whole);
            }
            Files.move(aside, whole, StandardCopyOption.ATOMIC_MOVE);
            sync(directory, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new UncheckedIOException("checkpoint " + aside + " cannot be written", e);
        }
    }

    /** Only a damaged checkpoint is made again; it is kept for whoever wants to know what happened. */
    private static void setAside(Path damaged) throws IOException {
        Path kept = damaged.resolveSibling(damaged.getFileName() + DAMAGED);
        if (Files.exists(kept)) {
            RunDirectory.delete(kept);
        }
        Files.move(damaged, kept, StandardCopyOption.ATOMIC_MOVE);
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
                RunDirectory.delete(directory.resolve(Long.toString(version)));
            }
        }
    }

    /** Versions that have a directory, ascending. */
    List<Long> versions() {
        List<Long> versions = new ArrayList<>();
        for (Path entry : entries()) {
            String name = entry.getFileName().toString();
            if (name.matches("\\d{1,18}")) {
                versions.add(Long.parseLong(name));
            }
        }
        versions.sort(Comparator.naturalOrder());
        return versions;
    }

    /** The checkpoint of a version; empty, with a warning, when it is damaged or missing. */
    public Optional<Checkpoint> read(long version) {
        Path whole = directory.resolve(Long.toString(version));
        try {
            StateFile state = JSON.readValue(Files.readAllBytes(whole.resolve(STATE)), StateFile.class);
            byte[] adapter = Files.readAllBytes(whole.resolve(ADAPTER));
            byte[] moments = Files.readAllBytes(whole.resolve(MOMENTS));
            if (!DigestUtils.sha256Hex(adapter).equals(state.adapterSha256())
                    || !DigestUtils.sha256Hex(moments).equals(state.momentsSha256())) {
                throw new IOException("its tensor files do not match their recorded hashes");
            }
            Trainer.State trained = new Trainer.State(
                    Adapter.fromSafetensors(adapter, whole.resolve(ADAPTER).toString()),
                    OptimizerStateFile.read(moments, whole.resolve(MOMENTS).toString()),
                    state.optimiserStep());
            return Optional.of(new Checkpoint(trained, state.facts()));
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("checkpoint", whole)
                    .addKeyValue("reason", e.getMessage())
                    .log("Skipping a damaged checkpoint");
            return Optional.empty();
        }
    }

    private List<Path> entries() {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sync(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }
}
