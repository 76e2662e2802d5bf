package ai.consilium.learner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointStoreTest {
    private final Path directory;

    CheckpointStoreTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private CheckpointStore store() {
        return new CheckpointStore(new DirectoryCheckpoints(directory, false), 0, FaultPoint.Plan.NONE);
    }

    @Test
    void givenAStateFileThenItKeepsTheKeysOfVersion01() throws IOException {
        store().write(Checkpoints.of(3));

        assertThat(directory.resolve("3").resolve("state.json")).content().contains("\"configHash\" : \"config-hash\"");
    }

    @Test
    void givenACheckpointWhenReadThenItIsWhatWasWrittenBitForBit() {
        // given
        Checkpoint written = Checkpoints.of(3);
        store().write(written);

        // when
        Checkpoint read = store().latest().orElseThrow();

        // then
        assertThat(read.facts()).isEqualTo(written.facts());
        assertThat(read.trained().step()).isEqualTo(43);
        assertThat(read.trained().adapter().hash())
                .isEqualTo(written.trained().adapter().hash());
        assertThat(read.trained().moments())
                .usingRecursiveComparison()
                .isEqualTo(written.trained().moments());
    }

    @ParameterizedTest
    @EnumSource(names = {"CHECKPOINT_WRITE", "FSYNC", "RENAME"})
    void givenAWriteThatDidNotEndWhenReadThenItIsTheVersionBefore(FaultPoint point) {
        // given version 1, and a writer that dies on the way to version 2
        store().write(Checkpoints.of(1));
        CheckpointStore dying =
                new CheckpointStore(new DirectoryCheckpoints(directory, false), 0, Checkpoints.dyingAt(point));
        assertThatThrownBy(() -> dying.write(Checkpoints.of(2))).isInstanceOf(Checkpoints.Killed.class);

        // when
        CheckpointStore after = store();

        // then
        assertThat(after.latest().orElseThrow().version()).isEqualTo(1);
        after.write(Checkpoints.of(2));
        assertThat(after.latest().orElseThrow().version()).isEqualTo(2);
        assertThat(directory).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void givenADamagedCheckpointWhenReadThenItIsPassedOver() throws IOException {
        // given
        store().write(Checkpoints.of(1));
        store().write(Checkpoints.of(2));
        Path adapter = directory.resolve("2").resolve("adapter.safetensors");
        byte[] bytes = Files.readAllBytes(adapter);
        bytes[bytes.length - 1] ^= 1;

        // when
        Files.write(adapter, bytes);

        // then the version can be made again
        CheckpointStore after = store();
        assertThat(after.latest().orElseThrow().version()).isEqualTo(1);
        after.write(Checkpoints.of(2));
        assertThat(after.latest().orElseThrow().version()).isEqualTo(2);
        assertThat(directory.resolve("2.damaged")).isDirectory();
    }

    @Test
    void givenManyVersionsWhenWrittenThenTheNewestAndTheStartAreKept() {
        CheckpointStore store = store();
        for (long version = 0; version < 12; version++) {
            store.write(Checkpoints.of(version));
        }

        store.prune(2, Set.of());

        assertThat(store.versions()).containsExactly(0L, 10L, 11L);
    }

    @Test
    void givenAVersionThatAnotherHasWrittenThenItStays() {
        CheckpointStore late = store();
        store().write(Checkpoints.of(1, 0.5f));

        assertThatThrownBy(() -> late.write(Checkpoints.of(1, 0.7f))).isInstanceOf(OvertakenException.class);

        assertThat(late.latest().orElseThrow().trained().adapter().hash())
                .isEqualTo(Checkpoints.of(1, 0.5f).trained().adapter().hash());
        assertThat(directory).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void givenANewStoreThenItIsEmpty() {
        assertThat(store().latest()).isEmpty();
    }
}
