package ai.consilium.policy.training;

import ai.consilium.policy.batch.PackedBatch.Shape;
import ai.consilium.policy.memory.ActivationMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Whether a step keeps what its gradients need (fast) or computes it again layer by layer (small). Gradients are the same to
 * rounding. What it decides depends on the model's shape and the batch alone, so that a run is the same on every machine.
 *
 * @param mode which of them
 * @param bytes what a graph may take: of {@link Mode#AUTO} a part's, of the small route those of a layer's slices and of a chunk of
 *     logits together
 */
public record ActivationCheckpointing(Mode mode, long bytes) {
    /** As the configuration's defaults have it. */
    public static final ActivationCheckpointing DEFAULT = new ActivationCheckpointing(Mode.AUTO, 1L << 30);

    /** One graph for each part, however large. */
    public static final ActivationCheckpointing OFF = new ActivationCheckpointing(Mode.OFF, 1L << 30);

    /** Padded tokens of a part: enough to keep the cores busy, little enough to stay near the caches. */
    private static final int PART_TOKENS = 4096;

    /** When layers are checkpointed. */
    public enum Mode {
        /** Where the graph of a group alone would pass the bound. */
        AUTO,
        ON,
        OFF;

        /** By its name in the configuration. @throws IllegalArgumentException naming those that there are */
        public static Mode named(String name) {
            return Arrays.stream(values())
                    .filter(mode -> mode.label().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("checkpointing must be "
                            + Arrays.stream(values()).map(Mode::label).collect(Collectors.joining(", "))
                            + ", not '" + name + "'"));
        }

        private String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What is taken through the model at once.
     *
     * @param checkpointed layer by layer; then it is one group
     */
    public record Part(List<Trainer.Group> groups, boolean checkpointed) {
        /** Its size, padding included. */
        public Shape shape() {
            return LossBatch.shape(groups);
        }
    }

    /** Refuses what cannot be meant. */
    public ActivationCheckpointing {
        if (bytes < 1) {
            throw new IllegalArgumentException("activations need at least one byte");
        }
    }

    /** Splits a batch, in order. Groups without a token that carries loss are left out. */
    public List<Part> parts(List<Trainer.Group> groups, ActivationMemory memory) {
        return LossBatch.parts(groups, shape -> fits(shape, memory)).stream()
                .map(part -> new Part(part, checkpointed(LossBatch.shape(part), memory)))
                .toList();
    }

    private boolean fits(Shape shape, ActivationMemory memory) {
        return mode != Mode.ON && shape.tokens() <= PART_TOKENS && !checkpointed(shape, memory);
    }

    /** Whether a group, or groups that are one part, of this shape would be checkpointed. */
    public boolean checkpointed(Shape shape, ActivationMemory memory) {
        return switch (mode) {
            case ON -> true;
            case OFF -> false;
            case AUTO -> memory.plain(shape) > bytes;
        };
    }

    /** Bytes that the gradients of a group, or of groups that are one part, of this shape need by the route that is taken. */
    public long needed(Shape shape, ActivationMemory memory) {
        return checkpointed(shape, memory) ? memory.checkpointed(shape, working()) : memory.plain(shape);
    }

    /** Bytes for the graph of a slice of samples in a layer, and for the logits of a chunk of tokens. */
    public long working() {
        return Math.max(1, bytes / 2);
    }
}
