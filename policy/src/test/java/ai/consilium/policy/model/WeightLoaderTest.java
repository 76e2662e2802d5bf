package ai.consilium.policy.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.format.SafetensorsWriter;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class WeightLoaderTest {
    @TempDir
    Path directory;

    private Path weights;
    private SortedMap<String, HostTensor> tensors;

    @BeforeEach
    void create() throws IOException {
        RandomModel.create(directory, RandomModel.small(), 3);
        weights = directory.resolve("model.safetensors");
        Safetensors file = Safetensors.open(weights);
        tensors = new TreeMap<>();
        file.shapes().keySet().forEach(name -> tensors.put(name, file.tensor(name)));
    }

    private void store(boolean brief) throws IOException {
        SortedMap<String, SafetensorsWriter.Form> forms = new TreeMap<>();
        tensors.forEach((name, tensor) -> forms.put(name, new SafetensorsWriter.Form(tensor.shape(), brief)));
        try (OutputStream out = Files.newOutputStream(weights)) {
            SafetensorsWriter.write(out, forms, Map.of(), name -> java.util.Objects.requireNonNull(tensors.get(name)));
        }
    }

    /** A header that leaves every tensor at an odd byte, which the format allows. */
    private void misalign() throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
        long header = file.getLong(0) + 1;
        ByteBuffer moved = ByteBuffer.allocate(file.capacity() + 1).order(ByteOrder.LITTLE_ENDIAN);
        moved.putLong(header).put(file.array(), 8, (int) header - 1).put((byte) ' ');
        moved.put(file.array(), (int) header + 7, file.capacity() - (int) header - 7);
        Files.write(weights, moved.array());
    }

    /** Whether what is loaded, widened to float32, is what the file says, whatever is mapped and whatever copied. */
    private void assertLoaded(Precision precision) {
        ModelDirectory model = ModelDirectory.open(directory);
        List<WeightLayout.Slot> slots = new ArrayList<>(WeightLayout.decoder(model.config()));
        slots.addAll(WeightLayout.vision(model.config()));
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute);
                Scope scope = Scope.open()) {
            for (long mappedFrom : new long[] {0, 1 << 20}) {
                List<Tensor> loaded;
                try (WeightLoader loader = new WeightLoader(model, policy.script(), precision, scope, mappedFrom)) {
                    loaded = loader.load(slots);
                }
                for (int i = 0; i < slots.size(); i++) {
                    Tensor wide = policy.script()
                            .call(scope, "cast", List.of(loaded.get(i)), Precision.FP32.dtype())
                            .get(0);
                    assertThat(wide.shape()).isEqualTo(slots.get(i).shape());
                    assertThat(wide.floats())
                            .as("%s, mapped from %d", slots.get(i), mappedFrom)
                            .isEqualTo(expected(model, slots.get(i), precision));
                }
            }
        }
    }

    private static float[] expected(ModelDirectory model, WeightLayout.Slot slot, Precision precision) {
        ByteBuffer values = ByteBuffer.allocate(1 << 20);
        for (WeightLayout.Part part : slot.parts()) {
            for (float value : model.tensor(part.name()).values()) {
                values.putFloat(precision == Precision.FP32 ? value : rounded(value));
            }
        }
        float[] all = new float[values.position() / 4];
        values.flip().asFloatBuffer().get(all);
        return all;
    }

    private static float rounded(float value) {
        int bits = Float.floatToIntBits(value);
        return Float.intBitsToFloat((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000);
    }

    @Test
    void givenFloat32FilesWhenLoadedThenEveryBitIsTheFiles() throws IOException {
        assertLoaded(Precision.FP32);
        assertLoaded(Precision.BF16);
    }

    @Test
    void givenBfloat16FilesWhenLoadedThenEveryBitIsTheFiles() throws IOException {
        store(true);
        assertLoaded(Precision.BF16);
        assertLoaded(Precision.FP32);
    }

    @Test
    void givenTensorsAtOddBytesWhenLoadedThenEveryBitIsTheFiles() throws IOException {
        misalign();
        assertLoaded(Precision.FP32);
        store(true);
        misalign();
        assertLoaded(Precision.BF16);
    }

    @Test
    void givenFilesOfTransformers5WhenLoadedThenTheTensorsAreFoundByTheirNestedNames() throws IOException {
        SortedMap<String, HostTensor> nested = new TreeMap<>();
        tensors.forEach((name, tensor) -> nested.put(
                name.replaceFirst("^model\\.", "model.language_model.").replaceFirst("^visual\\.", "model.visual."),
                tensor));
        Files.write(weights, Safetensors.write(nested, Map.of()));

        assertLoaded(Precision.FP32);
    }

    /** 67 million rows of 32 values: more bytes, and more elements, than an int counts. The file has holes and takes no room. */
    @Test
    void givenAnEmbeddingOfMoreThanTwoBillionElementsWhenLoadedThenItsLastRowIsRead() throws Exception {
        QwenConfig shape = RandomModel.small();
        int rows = (1 << 26) + 3;
        QwenConfig config = new QwenConfig(
                rows,
                shape.hidden(),
                shape.intermediate(),
                shape.layers(),
                shape.heads(),
                shape.kvHeads(),
                shape.epsilon(),
                shape.ropeTheta(),
                shape.mropeSections(),
                true,
                shape.imageToken(),
                shape.visionStartToken(),
                shape.visionEndToken(),
                shape.videoToken(),
                shape.vision());
        config.write(directory.resolve("config.json"));
        String embedding = "model.embed_tokens.weight";
        tensors.remove(embedding);
        Files.write(directory.resolve("a.safetensors"), Safetensors.write(tensors, Map.of()));
        long bytes = 2L * rows * shape.hidden();
        byte[] header = ("{\"" + embedding + "\":{\"dtype\":\"BF16\",\"shape\":[" + rows + "," + shape.hidden()
                        + "],\"data_offsets\":[0," + bytes + "]}}")
                .getBytes(UTF_8);
        ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length).put(header).flip();
        ByteBuffer last = ByteBuffer.allocate(2 * shape.hidden()).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, shape.hidden()).forEach(i -> last.putShort((short) (0x3f80 + i)));
        last.flip();
        try (FileChannel file = FileChannel.open(
                directory.resolve("b.safetensors"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            file.write(start, 0);
            file.write(last, 8 + header.length + bytes - last.capacity());
        }
        StringBuilder map = new StringBuilder("{\"weight_map\":{\"" + embedding + "\":\"b.safetensors\"");
        tensors.keySet().forEach(name -> map.append(",\"").append(name).append("\":\"a.safetensors\""));
        Files.writeString(directory.resolve("model.safetensors.index.json"), map + "}}");
        Files.delete(weights);

        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(ModelDirectory.open(directory), compute, Precision.BF16);
                Scope scope = Scope.open()) {
            Tensor row = policy.script()
                    .call(
                            scope,
                            "embed",
                            scope.longs(new long[] {rows - 2, rows - 1}, 1, 2),
                            policy.weights().decoder(),
                            scope.longs(new long[0], 0),
                            List.of())
                    .get(0);
            float[] wide = policy.script()
                    .call(scope, "cast", List.of(row), Precision.FP32.dtype())
                    .get(0)
                    .floats();
            assertThat(policy.parameters()).isGreaterThan(Integer.MAX_VALUE);
            for (int i = 0; i < shape.hidden(); i++) {
                assertThat(wide[i]).isZero();
                assertThat(wide[shape.hidden() + i]).isEqualTo(Float.intBitsToFloat((0x3f80 + i) << 16));
            }
        }
    }
}
