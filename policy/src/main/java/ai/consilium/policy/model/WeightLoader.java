package ai.consilium.policy.model;

import ai.consilium.policy.config.Precision;
import ai.consilium.policy.format.StoredTensor;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes a model's slots from its safetensors files, which are mapped into memory; nothing passes through the Java heap.
 *
 * <p>A slot that the files hold in the wanted type and in one piece stays in the mapping: its pages are read when they are
 * first used, can be dropped under pressure, and are shared with other processes. In one piece are all tensors that are slots
 * of their own, and those that lie behind one another in one file, as gate and up of a decoder's layer do in files that
 * safetensors' own library wrote. Copied, one slot at a time, into memory of this process are slots of another type, slots in
 * several pieces (q, k and v), tensors that their header leaves misaligned, whatever goes to a GPU, and small ones, which cost
 * nothing and are then aligned alike whatever the file.
 *
 * <p>A mapped file must not be overwritten in place while a process uses it. Replacing it by another of its name is safe.
 */
final class WeightLoader implements AutoCloseable {
    /** From here on a copy would cost memory that matters. */
    private static final long LARGE = 1 << 20;

    private static final int BYTES = 0;

    private final ModelDirectory directory;
    private final Script script;
    private final Precision precision;
    private final Scope scope;
    private final long mappedFrom;
    private final Map<Mapping, Tensor> files = new HashMap<>();
    private final Map<WeightLayout.Slot, Tensor> loaded = new HashMap<>();
    private final Scope own = Scope.open();

    /** A file as elements of a type, by libtorch's number. */
    private record Mapping(Path file, int dtype) {}

    /** @param scope owner of what is loaded; the mappings live as long as a slot in them does */
    WeightLoader(ModelDirectory directory, Script script, Precision precision, Scope scope) {
        this(directory, script, precision, scope, LARGE);
    }

    /** @param mappedFrom bytes of a slot from which on it is left in the mapping */
    WeightLoader(ModelDirectory directory, Script script, Precision precision, Scope scope, long mappedFrom) {
        this.directory = directory;
        this.script = script;
        this.precision = precision;
        this.scope = scope;
        this.mappedFrom = mappedFrom;
    }

    /** The slots in order; one that was loaded before is the same tensor. */
    List<Tensor> load(List<WeightLayout.Slot> slots) {
        return slots.stream()
                .map(slot -> loaded.computeIfAbsent(slot, this::tensor))
                .toList();
    }

    /** Whether a slot of a model for the CPU takes no memory but the file's pages. */
    static boolean staysMapped(ModelDirectory directory, WeightLayout.Slot slot, Precision precision) {
        List<StoredTensor> pieces = pieces(directory, slot);
        StoredTensor first = pieces.get(0);
        return pieces.size() == 1 && bytes(pieces) >= LARGE && type(first) == precision && aligned(first);
    }

    private Tensor tensor(WeightLayout.Slot slot) {
        List<StoredTensor> pieces = pieces(directory, slot);
        return script.call(
                        scope,
                        "slot",
                        pieces.stream().map(this::mapped).toList(),
                        pieces.stream().mapToLong(StoredTensor::start).toArray(),
                        pieces.stream().mapToLong(StoredTensor::end).toArray(),
                        pieces.stream().mapToLong(piece -> type(piece).dtype()).toArray(),
                        slot.shape(),
                        precision.dtype(),
                        bytes(pieces) < mappedFrom,
                        own.floats(new float[0], 0))
                .get(0);
    }

    private static long bytes(List<StoredTensor> pieces) {
        return pieces.stream().mapToLong(piece -> piece.end() - piece.start()).sum();
    }

    private static boolean aligned(StoredTensor piece) {
        return piece.start() % type(piece).bytes() == 0;
    }

    private static List<StoredTensor> pieces(ModelDirectory directory, WeightLayout.Slot slot) {
        List<StoredTensor> pieces = new ArrayList<>();
        for (WeightLayout.Part part : slot.parts()) {
            StoredTensor next = directory.stored(part.name());
            int last = pieces.size() - 1;
            if (last >= 0 && pieces.get(last).precedes(next)) {
                pieces.set(last, pieces.get(last).through(next));
            } else {
                pieces.add(next);
            }
        }
        return pieces;
    }

    private static Precision type(StoredTensor piece) {
        return piece.brief() ? Precision.BF16 : Precision.FP32;
    }

    private Tensor mapped(StoredTensor piece) {
        int dtype = aligned(piece) ? type(piece).dtype() : BYTES;
        return files.computeIfAbsent(
                new Mapping(piece.file().toAbsolutePath(), dtype),
                mapping -> script.call(own, "map_file", mapping.file().toString(), piece.fileBytes(), dtype)
                        .get(0));
    }

    @Override
    public void close() {
        own.close();
    }
}
