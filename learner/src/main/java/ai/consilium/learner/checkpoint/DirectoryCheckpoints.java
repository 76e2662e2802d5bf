package ai.consilium.learner.checkpoint;

import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.run.RunDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.Stream;

/** A directory a version, written aside, synced and renamed: a directory with a version's name is whole. */
public final class DirectoryCheckpoints implements CheckpointStorage {
    private static final String PROVISIONAL = ".part";
    private static final String LOCK = "policy.lock";
    private static final String DAMAGED = ".damaged";

    private final Path directory;
    private final boolean shared;

    /**
     * Over {@code checkpoints/<policy>}, which is created by the first use.
     *
     * @param shared whether other learners of the run have the directory too
     */
    public DirectoryCheckpoints(Path directory, boolean shared) {
        this.directory = directory;
        this.shared = shared;
    }

    /** Where they all are. @param shared whether other learners of the run have the directory too */
    public static CheckpointPlace under(Path root, boolean shared) {
        return new CheckpointPlace() {
            @Override
            public CheckpointStorage of(String policy, int round) {
                return new DirectoryCheckpoints(root.resolve(CheckpointPlace.name(policy, round)), shared);
            }

            @Override
            public boolean shared() {
                return shared;
            }
        };
    }

    /** Locks of files are not to be relied on where a directory is mounted by several machines. */
    @Override
    public Claim claim() {
        return shared ? Claim.NONE : DirectoryLock.claim(directory, LOCK)::close;
    }

    @Override
    public String location() {
        return directory.toString();
    }

    @Override
    public void removeUnfinished() throws IOException {
        for (Path entry : entries()) {
            if (entry.getFileName().toString().endsWith(PROVISIONAL)) {
                RunDirectory.delete(entry);
            }
        }
    }

    @Override
    public List<Long> versions() throws IOException {
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

    @Override
    public boolean write(long version, SortedMap<String, byte[]> files, FaultPoint.Plan faults) throws IOException {
        // A name of its own: in a shared directory another learner may be about to write the same version.
        Path aside = Files.createDirectories(directory.resolve(version + "-" + UUID.randomUUID() + PROVISIONAL));
        boolean first = true;
        for (String name : files.keySet()) {
            Files.write(aside.resolve(name), files.get(name));
            if (first) {
                faults.reach(FaultPoint.CHECKPOINT_WRITE, version);
                first = false;
            }
        }
        faults.reach(FaultPoint.FSYNC, version);
        for (String name : files.keySet()) {
            sync(aside.resolve(name), StandardOpenOption.WRITE);
        }
        sync(aside, StandardOpenOption.READ);
        faults.reach(FaultPoint.RENAME, version);
        try {
            Files.move(aside, whole(version), StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // A directory that has something in it is never replaced.
            if (!Files.exists(whole(version))) {
                throw e;
            }
            RunDirectory.delete(aside);
            return false;
        }
        sync(directory, StandardOpenOption.READ);
        return true;
    }

    @Override
    public byte[] read(long version, String file) throws IOException {
        return Files.readAllBytes(whole(version).resolve(file));
    }

    @Override
    public void setAside(long version) throws IOException {
        Path kept = directory.resolve(version + DAMAGED);
        if (Files.exists(kept)) {
            RunDirectory.delete(kept);
        }
        Files.move(whole(version), kept, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void remove(long version) {
        RunDirectory.delete(whole(version));
    }

    private Path whole(long version) {
        return directory.resolve(Long.toString(version));
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(Files.createDirectories(directory))) {
            return entries.toList();
        }
    }

    private static void sync(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }
}
