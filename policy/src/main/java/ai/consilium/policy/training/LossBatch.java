package ai.consilium.policy.training;

import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.input.EncodedPrompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Groups laid out for a loss: where in the samples' hidden states each completion token is predicted, and what goes with
 * it. Truncated members are left out altogether. M is the number of completion tokens.
 *
 * @param at [M] flat places in the samples [R, C]
 * @param targets [M] the tokens
 * @param temperature [M]
 * @param behaviour [M] recorded log-probabilities
 * @param advantage [M]
 * @param onPolicy [M] 1 where the policy before the step sampled the whole completion
 * @param sequence [M] which completion a token belongs to, from 0
 * @param lengths tokens of each completion
 */
public record LossBatch(
        List<EncodedPrompt> prompts,
        PackedBatch packed,
        long[] at,
        long[] targets,
        float[] temperature,
        float[] behaviour,
        float[] advantage,
        float[] onPolicy,
        long[] sequence,
        int[] lengths) {

    static LossBatch of(QwenConfig config, List<Trainer.Group> groups) {
        PackedBatch packed =
                PackedBatch.of(config, groups.stream().map(LossBatch::packed).toList(), false);
        int count = Math.toIntExact(tokens(groups));
        LossBatch batch = new LossBatch(
                groups.stream().map(Trainer.Group::prompt).toList(),
                packed,
                new long[count],
                new long[count],
                new float[count],
                new float[count],
                new float[count],
                new float[count],
                new long[count],
                new int[packed.samples().count()]);
        int row = 0;
        int next = 0;
        for (Trainer.Group group : groups) {
            for (Trainer.Member member : kept(group)) {
                next = batch.put(group, member, row++, next);
            }
        }
        return batch;
    }

    private int put(Trainer.Group group, Trainer.Member member, int row, int next) {
        int[] completion = member.completion();
        int end = next + completion.length;
        long rowStart = (long) row * packed.samples().width();
        lengths[row] = completion.length;
        Arrays.fill(sequence, next, end, row);
        for (int i = 0; i < completion.length; i++) {
            at[next + i] = rowStart + member.instruction().length + i;
            targets[next + i] = completion[i];
        }
        // Greedy samples were recorded untempered.
        Arrays.fill(temperature, next, end, group.temperature() == 0 ? 1 : (float) group.temperature());
        Arrays.fill(onPolicy, next, end, member.onPolicy() ? 1 : 0);
        Arrays.fill(advantage, next, end, (float) member.advantage());
        System.arraycopy(member.behaviourLogprobs(), 0, behaviour, next, completion.length);
        return end;
    }

    /** What each token [M] counts for. */
    float[] shares(PolicyLoss.Averaging averaging, PolicyLoss.Totals totals) {
        float[] shares = new float[sequence.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (float) averaging.share(lengths[(int) sequence[i]], totals);
        }
        return shares;
    }

    private static List<Trainer.Member> kept(Trainer.Group group) {
        return group.members().stream().filter(member -> !member.truncated()).toList();
    }

    /** What each member adds to the prompt: its instruction and completion, but for the token that is only predicted. */
    private static PackedBatch.Group packed(Trainer.Group group) {
        List<int[]> additions = new ArrayList<>();
        for (Trainer.Member member : kept(group)) {
            int own = member.instruction().length;
            int predicted = Math.max(0, member.completion().length - 1);
            int[] addition = Arrays.copyOf(member.instruction(), own + predicted);
            System.arraycopy(member.completion(), 0, addition, own, predicted);
            additions.add(addition);
        }
        return new PackedBatch.Group(group.prompt(), additions);
    }

    /** Completion tokens that carry loss. */
    public static long tokens(List<Trainer.Group> groups) {
        return totals(groups).tokens();
    }

    /** Completions that carry loss, and their tokens. */
    static PolicyLoss.Totals totals(List<Trainer.Group> groups) {
        long sequences = 0;
        long tokens = 0;
        for (Trainer.Group group : groups) {
            for (Trainer.Member member : kept(group)) {
                sequences += member.completion().length > 0 ? 1 : 0;
                tokens += member.completion().length;
            }
        }
        return new PolicyLoss.Totals(sequences, tokens);
    }

    /** The tokens {@code from} to {@code to} of M; the samples stay. */
    LossBatch tokens(int from, int to) {
        return new LossBatch(
                prompts,
                packed,
                Arrays.copyOfRange(at, from, to),
                Arrays.copyOfRange(targets, from, to),
                Arrays.copyOfRange(temperature, from, to),
                Arrays.copyOfRange(behaviour, from, to),
                Arrays.copyOfRange(advantage, from, to),
                Arrays.copyOfRange(onPolicy, from, to),
                Arrays.copyOfRange(sequence, from, to),
                lengths);
    }

    /** How much groups are as they are laid out. */
    static PackedBatch.Shape shape(List<Trainer.Group> groups) {
        return PackedBatch.Shape.of(groups.stream().map(LossBatch::packed).toList());
    }

    /**
     * Splits a batch, in order, into parts that fit; a group is never split, and one alone need not fit. Groups without a token
     * that carries loss are left out.
     */
    public static List<List<Trainer.Group>> parts(List<Trainer.Group> groups, Predicate<PackedBatch.Shape> fits) {
        List<Trainer.Group> carrying =
                groups.stream().filter(group -> tokens(List.of(group)) > 0).toList();
        return PackedBatch.chunks(carrying, LossBatch::packed, fits);
    }
}
