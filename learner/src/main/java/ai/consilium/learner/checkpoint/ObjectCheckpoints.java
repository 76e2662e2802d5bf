package ai.consilium.learner.checkpoint;

import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Location;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Checkpoints in a bucket. The files of each write stand under a name of its own, and one object, written last and never over
 * another, says which write a version is: so a version is whole, and of two learners that write the same one the first counts.
 */
public final class ObjectCheckpoints implements CheckpointStorage {
    private static final String POINTER = "current";
    private static final String DAMAGED = "damaged";
    private static final Pattern WRITE = Pattern.compile("[0-9a-f-]{36}");

    private final S3Bucket bucket;
    private final S3Location location;
    private final CheckpointCache cache;

    /**
     * Over a part of a bucket.
     *
     * @param cache files that were written or read last
     */
    ObjectCheckpoints(S3Bucket bucket, S3Location location, CheckpointCache cache) {
        this.bucket = bucket;
        this.location = location;
        this.cache = cache;
    }

    /**
     * Where they all are.
     *
     * @param root of a run's
     * @param cached directory of this process
     */
    public static CheckpointPlace under(S3Bucket bucket, S3Location root, Path cached) {
        return new CheckpointPlace() {
            @Override
            public CheckpointStorage of(String policy, int round) {
                String name = CheckpointPlace.name(policy, round);
                return new ObjectCheckpoints(
                        bucket, root.resolve(name), new CheckpointCache(cached.resolve(name.replace('/', '@'))));
            }

            @Override
            public boolean shared() {
                return true;
            }
        };
    }

    @Override
    public Claim claim() {
        return Claim.NONE;
    }

    @Override
    public String location() {
        return location.toString();
    }

    /** What a write left behind that did not end goes with its version, when that is removed. */
    @Override
    public void removeUnfinished() {}

    @Override
    public List<Long> versions() throws IOException {
        String start = location.prefix() + "/";
        return bucket.list(start).stream()
                .map(key -> key.substring(start.length()))
                .filter(key -> key.matches("\\d{1,18}/" + POINTER))
                .map(key -> Long.parseLong(key.substring(0, key.indexOf('/'))))
                .sorted()
                .toList();
    }

    @Override
    public boolean write(long version, SortedMap<String, byte[]> files, FaultPoint.Plan faults) throws IOException {
        String write = UUID.randomUUID().toString();
        boolean first = true;
        for (String name : files.keySet()) {
            bucket.put(key(version, write, name), files.get(name));
            if (first) {
                faults.reach(FaultPoint.CHECKPOINT_WRITE, version);
                first = false;
            }
        }
        faults.reach(FaultPoint.FSYNC, version);
        faults.reach(FaultPoint.RENAME, version);
        byte[] pointer = write.getBytes(StandardCharsets.US_ASCII);
        // An answer may be lost on the way: then the second try finds the first one's object.
        if (!bucket.putIfAbsent(key(version, POINTER), pointer) && !write.equals(pointer(version))) {
            return false;
        }
        cache.keep(write, files);
        return true;
    }

    @Override
    public byte[] read(long version, String file) throws IOException {
        String write = pointer(version);
        Optional<byte[]> cached = cache.find(write, file);
        if (cached.isPresent()) {
            return cached.get();
        }
        byte[] content = get(key(version, write, file));
        cache.add(write, file, content);
        return content;
    }

    @Override
    public void setAside(long version) throws IOException {
        bucket.put(key(version, DAMAGED), pointer(version).getBytes(StandardCharsets.US_ASCII));
        bucket.delete(List.of(key(version, POINTER)));
        cache.clear();
    }

    /** The pointer goes first: a version that is half removed is none. */
    @Override
    public void remove(long version) throws IOException {
        bucket.delete(List.of(key(version, POINTER)));
        bucket.delete(bucket.list(key(version, "")));
    }

    private String pointer(long version) throws IOException {
        String key = key(version, POINTER);
        String write = new String(get(key), StandardCharsets.US_ASCII);
        // It becomes part of a path.
        if (!WRITE.matcher(write).matches()) {
            throw new IOException("s3://" + location.bucket() + "/" + key + " names no write of a checkpoint");
        }
        return write;
    }

    private byte[] get(String key) throws IOException {
        Optional<byte[]> content;
        try {
            content = bucket.get(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return content.orElseThrow(
                () -> new FileNotFoundException("s3://" + location.bucket() + "/" + key + " is not there"));
    }

    private String key(long version, String... names) {
        return location.prefix() + "/" + version + "/" + String.join("/", names);
    }
}
