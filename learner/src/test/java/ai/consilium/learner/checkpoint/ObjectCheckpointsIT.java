package ai.consilium.learner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Location;
import ai.consilium.testing.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checkpoints in a bucket, over a server's real protocol. */
class ObjectCheckpointsIT {
    private static S3Server server;
    private static S3Bucket bucket;

    private final S3Location run =
            new S3Location(S3Server.BUCKET, "runs/" + UUID.randomUUID().toString());

    @TempDir
    private Path disk;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start();
        bucket = server.bucket();
    }

    @AfterAll
    static void stop() {
        bucket.close();
        server.close();
    }

    /** That of a process with a disk of its own. */
    private CheckpointStore store(String process, FaultPoint.Plan faults) {
        return new CheckpointStore(
                ObjectCheckpoints.under(bucket, run, disk.resolve(process)).of("pediatrics", 0), 0, faults);
    }

    private CheckpointStore store(String process) {
        return store(process, FaultPoint.Plan.NONE);
    }

    @Test
    void givenACheckpointWhenAnotherProcessReadsItThenItIsWhatWasWrittenBitForBit() {
        // given
        Checkpoint written = Checkpoints.of(3);
        store("a").write(written);

        // when
        Checkpoint read = store("b").latest().orElseThrow();

        // then
        assertThat(read.facts()).isEqualTo(written.facts());
        assertThat(read.trained().step()).isEqualTo(43);
        assertThat(read.trained().adapter().toSafetensors())
                .isEqualTo(written.trained().adapter().toSafetensors());
        assertThat(OptimizerStateFile.write(read.trained())).isEqualTo(OptimizerStateFile.write(written.trained()));
    }

    @ParameterizedTest
    @EnumSource(names = {"CHECKPOINT_WRITE", "FSYNC", "RENAME"})
    void givenAWriteThatDidNotEndWhenReadThenItIsTheVersionBefore(FaultPoint point) throws IOException {
        // given version 1, and a writer that dies on the way to version 2
        store("a").write(Checkpoints.of(1));
        CheckpointStore dying = store("a", Checkpoints.dyingAt(point));
        assertThatThrownBy(() -> dying.write(Checkpoints.of(2))).isInstanceOf(Checkpoints.Killed.class);

        // when
        CheckpointStore after = store("b");

        // then it is written again, and what was left behind goes with it
        assertThat(after.latest().orElseThrow().version()).isEqualTo(1);
        after.write(Checkpoints.of(2));
        assertThat(after.latest().orElseThrow().version()).isEqualTo(2);
        after.write(Checkpoints.of(3));
        after.prune(1, Set.of());
        assertThat(bucket.list(run.prefix() + "/pediatrics/")).hasSize(4).allMatch(key -> key.contains("/3/"));
    }

    @Test
    void givenTwoThatWriteAVersionThenTheFirstCounts() {
        // given
        CheckpointStore late = store("a");
        store("b").write(Checkpoints.of(1, 0.5f));

        // when
        assertThatThrownBy(() -> late.write(Checkpoints.of(1, 0.7f)))
                .isInstanceOf(OvertakenException.class)
                .hasMessageContaining("version 1");

        // then
        String first = Checkpoints.of(1, 0.5f).trained().adapter().hash();
        assertThat(late.latest().orElseThrow().trained().adapter().hash()).isEqualTo(first);
        assertThat(store("c").latest().orElseThrow().trained().adapter().hash()).isEqualTo(first);
    }

    @Test
    void givenADamagedCheckpointWhenReadThenItIsPassedOverAndMadeAgain() throws IOException {
        // given
        store("a").write(Checkpoints.of(1));
        store("a").write(Checkpoints.of(2));
        String adapter = bucket.list(run.prefix() + "/pediatrics/2/").stream()
                .filter(key -> key.endsWith("adapter.safetensors"))
                .findFirst()
                .orElseThrow();
        bucket.put(adapter, new byte[] {1, 2, 3});

        // when
        CheckpointStore after = store("b");

        // then
        assertThat(after.latest().orElseThrow().version()).isEqualTo(1);
        after.write(Checkpoints.of(2));
        assertThat(after.latest().orElseThrow().version()).isEqualTo(2);
    }

    @Test
    void givenACopyOnDiskThatIsDamagedThenItIsFetchedAgainAndAGoodOneIsNot() throws IOException {
        // given
        store("a").write(Checkpoints.of(1));
        Path copy;
        try (var files = Files.walk(disk.resolve("a"))) {
            copy = files.filter(file -> file.endsWith("adapter.safetensors"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] whole = Files.readAllBytes(copy);
        Files.write(copy, new byte[] {1, 2, 3});

        // when
        assertThat(store("a").latest()).isPresent();

        // then
        assertThat(copy).hasBinaryContent(whole);
        bucket.delete(bucket.list(run.prefix() + "/pediatrics/1/").stream()
                .filter(key -> key.endsWith("adapter.safetensors"))
                .toList());
        assertThat(store("a").latest()).isPresent();
        assertThat(store("b").latest()).isEmpty();
    }

    @Test
    void givenABucketThatIsNotThereOrAServerThatIsGoneThenItIsNamedWithoutCredentials() throws Exception {
        try (S3Bucket other = new S3Bucket(server.settings(), "not-there")) {
            CheckpointStore store = new CheckpointStore(
                    ObjectCheckpoints.under(other, new S3Location("not-there", "r"), disk)
                            .of("pediatrics", 0),
                    0,
                    FaultPoint.Plan.NONE);
            assertThatThrownBy(() -> store.write(Checkpoints.of(1)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("s3://not-there")
                    .hasMessageContaining("there is no such bucket")
                    .hasMessageNotContaining(S3Server.SECRET);
        }
        S3Server gone = S3Server.start();
        try (S3Bucket unreachable = gone.bucket()) {
            gone.close();
            CheckpointStorage storage =
                    ObjectCheckpoints.under(unreachable, run, disk).of("pediatrics", 0);
            // A version that cannot be asked for is not one that is missing.
            assertThatThrownBy(() -> storage.read(1, "state.json")).isInstanceOf(UncheckedIOException.class);
        }
    }
}
