package ai.consilium.cli.run;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.learner.checkpoint.CheckpointPlace;
import ai.consilium.learner.checkpoint.DirectoryCheckpoints;
import ai.consilium.learner.checkpoint.ObjectCheckpoints;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where learners keep their checkpoints, by the configuration. */
public final class Checkpointing {
    private static final String NAME = "checkpoints";

    private Checkpointing() {}

    /**
     * Of a run's learner.
     *
     * @param base directory that files named in the configuration are relative to
     * @param runDirectory of the process
     * @throws UsageException when a bucket cannot be used
     */
    static CheckpointPlace of(ConsiliumConfig config, String runId, Path base, Path runDirectory) {
        String store = config.learner().ckpt().store();
        Optional<S3Location> bucket = config.learner().ckpt().bucket();
        if (store.isEmpty()) {
            return inDirectory(runDirectory);
        }
        // Runs may share a store.
        return bucket.isPresent()
                ? ObjectCheckpoints.under(
                        open(config, bucket.get()), bucket.get().resolve(runId), runDirectory.resolve(NAME))
                : DirectoryCheckpoints.under(base.resolve(store).resolve(runId), true);
    }

    /** Of a process that shares them with no other. */
    public static CheckpointPlace inDirectory(Path runDirectory) {
        return DirectoryCheckpoints.under(runDirectory.resolve(NAME), false);
    }

    /** @throws UsageException when a store is named that cannot be used */
    public static void requireUsable(ConsiliumConfig config, Path base) {
        String store = config.learner().ckpt().store();
        Optional<S3Location> location = config.learner().ckpt().bucket();
        if (location.isPresent()) {
            try (S3Bucket bucket = open(config, location.get())) {
                bucket.requireReadable(location.get());
            } catch (IOException e) {
                throw refusal(e);
            }
        } else if (!store.isEmpty()) {
            try {
                Path directory = Files.createDirectories(base.resolve(store));
                if (!Files.isWritable(directory)) {
                    throw new IOException(directory + " cannot be written to");
                }
            } catch (IOException e) {
                throw refusal(e);
            }
        }
    }

    private static S3Bucket open(ConsiliumConfig config, S3Location location) {
        try {
            return new S3Bucket(config.s3(), location.bucket());
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    private static UsageException refusal(IOException e) {
        return new UsageException("ckpt.store: " + e.getMessage(), e);
    }
}
