package ai.consilium.learner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointStoreTest {
    /** What a fault plan throws in place of halting the JVM. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Path directory;

    CheckpointStoreTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private CheckpointStore store() {
        return new CheckpointStore(directory, 0, FaultPoint.Plan.NONE);
    }

    private static Checkpoint checkpoint(long version) {
        String name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
        HostTensor tensor = new HostTensor(new long[] {1, 2}, new float[] {version, 0.1f});
        Adapter adapter = new Adapter(1, 2, List.of("q_proj"), new TreeMap<>(Map.of(name, tensor)));
        Map<String, HostTensor> moments = Map.of(
                name + ".exp_avg", tensor, name + ".exp_avg_sq", new HostTensor(new long[] {1}, new float[] {3e-20f}));
        return new Checkpoint(
                new Trainer.State(adapter, moments, 40 + version),
                new Checkpoint.Facts(
                        "pediatrics",
                        version,
                        version == 9,
                        "parent",
                        version * 10,
                        version * 10 + 7,
                        List.of("g1", "g2"),
                        Map.of("pg_loss", 0.1, "undefined", Double.NaN),
                        "config-hash",
                        Map.of("rl.learning_rate", "0.001"),
                        "model",
                        "log"));
    }

    @Test
    void givenAStateFileThenItKeepsTheKeysOfVersion01() throws IOException {
        store().write(checkpoint(3));

        assertThat(directory.resolve("3").resolve("state.json")).content().contains("\"configHash\" : \"config-hash\"");
    }

    @Test
    void givenACheckpointWhenReadThenItIsWhatWasWrittenBitForBit() {
        // given
        Checkpoint written = checkpoint(3);
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
        store().write(checkpoint(1));
        CheckpointStore dying = new CheckpointStore(directory, 0, (reached, version) -> {
            if (reached == point) {
                throw new Killed();
            }
        });
        assertThatThrownBy(() -> dying.write(checkpoint(2))).isInstanceOf(Killed.class);

        // when
        CheckpointStore after = store();

        // then
        assertThat(after.latest().orElseThrow().version()).isEqualTo(1);
        after.write(checkpoint(2));
        assertThat(after.latest().orElseThrow().version()).isEqualTo(2);
        assertThat(directory).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void givenADamagedCheckpointWhenReadThenItIsPassedOver() throws IOException {
        // given
        store().write(checkpoint(1));
        store().write(checkpoint(2));
        Path adapter = directory.resolve("2").resolve("adapter.safetensors");
        byte[] bytes = Files.readAllBytes(adapter);
        bytes[bytes.length - 1] ^= 1;

        // when
        Files.write(adapter, bytes);

        // then the version can be made again
        CheckpointStore after = store();
        assertThat(after.latest().orElseThrow().version()).isEqualTo(1);
        after.write(checkpoint(2));
        assertThat(after.latest().orElseThrow().version()).isEqualTo(2);
        assertThat(directory.resolve("2.damaged")).isDirectory();
    }

    @Test
    void givenManyVersionsWhenWrittenThenTheNewestAndTheStartAreKept() {
        CheckpointStore store = store();
        for (long version = 0; version < 12; version++) {
            store.write(checkpoint(version));
        }

        store.prune(2, Set.of());

        assertThat(store.versions()).containsExactly(0L, 10L, 11L);
    }

    @Test
    void givenANewStoreThenItIsEmpty() {
        assertThat(store().latest()).isEmpty();
    }
}
