package ai.consilium.policy.sampling;

import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.List;

/** A batch's keys and values: allocated once, filled and read by sampling.py. Live groups and samples lie in the first slots. */
final class KvCache implements AutoCloseable {
    private final PolicyModel model;
    private final Scope scope = Scope.open();
    private final Tensor prefix;
    private final Tensor own;
    private final Tensor prefixMask;
    private final Tensor ownMask;

    /**
     * How far a batch is.
     *
     * @param instructionSlots of every sample, before those of its completion
     * @param time tokens decoded since the batch was empty
     */
    record Clock(int instructionSlots, int time) {}

    /** How the next tokens are chosen. @param end the token that ends a completion, -1 for none */
    record Choice(double temperature, int end) {}

    KvCache(PolicyModel model, DecodeBatch.Size size) {
        this.model = model;
        List<Tensor> cache = model.script()
                .call(
                        scope,
                        "allocate",
                        model.weights().decoder(),
                        size.groups(),
                        size.prefixTokens(),
                        size.samples(),
                        size.sampleTokens());
        prefix = cache.get(0);
        own = cache.get(1);
        prefixMask = cache.get(2);
        ownMask = cache.get(3);
    }

    /** Fills the slots of the groups that come last, and of their samples. @return first tokens and log-probabilities [samples] */
    List<Tensor> prefill(
            DeviceBatch device,
            List<Tensor> weights,
            List<ActiveGroup> groups,
            List<ActiveSample> samples,
            int firstGroup,
            int firstSample,
            Clock clock,
            Choice choice,
            Scope step) {
        model.script()
                .call(
                        step,
                        "enter",
                        device.embedded(),
                        device.valid(),
                        device.turned().cos(),
                        device.turned().sin(),
                        weights,
                        prefix,
                        prefixMask,
                        firstGroup);
        List<ActiveSample> begun = samples.subList(firstSample, samples.size());
        GroupGrid grid = GroupGrid.of(groups.subList(firstGroup, groups.size()), begun);
        return model.script()
                .call(
                        step,
                        "begin",
                        device.tokens(),
                        device.sampleValid(),
                        device.sampleTurned().cos(),
                        device.sampleTurned().sin(),
                        weights,
                        prefix,
                        own,
                        prefixMask,
                        ownMask,
                        grid.rows(step),
                        grid.places(step),
                        noise(begun, 1, step),
                        firstSample,
                        clock.instructionSlots(),
                        firstGroup,
                        groups.size() - firstGroup,
                        choice.temperature());
    }

    /** Up to {@code run} more tokens of every sample. @return tokens and log-probabilities [samples, tokens] */
    List<Tensor> decode(
            List<Tensor> weights,
            List<ActiveGroup> groups,
            List<ActiveSample> samples,
            int run,
            Clock clock,
            Choice choice,
            Scope step) {
        int count = samples.size();
        long[] last = samples.stream().mapToLong(ActiveSample::last).toArray();
        long[] left = samples.stream().mapToLong(ActiveSample::left).toArray();
        long[] positions = new long[3 * count * run];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = samples.get(i / run % count).position() + i % run;
        }
        DeviceBatch.Turned turned = DeviceBatch.turned(model, step, positions, count, run);
        GroupGrid grid = GroupGrid.of(groups, samples);
        return model.script()
                .call(
                        step,
                        "decode",
                        step.longs(last, count),
                        step.longs(left, count),
                        weights,
                        prefix,
                        own,
                        prefixMask,
                        ownMask,
                        grid.rows(step),
                        grid.places(step),
                        turned.cos(),
                        turned.sin(),
                        noise(samples, run, step),
                        groups.size(),
                        groups.stream()
                                .mapToInt(ActiveGroup::prefixTokens)
                                .max()
                                .orElse(1),
                        clock.instructionSlots(),
                        clock.time(),
                        choice.temperature(),
                        choice.end());
    }

    private static Tensor noise(List<ActiveSample> of, int count, Scope step) {
        float[] noise = new float[of.size() * count];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = of.get(i / count).noise(i % count);
        }
        return step.floats(noise, of.size(), count);
    }

    /** Samples take other slots. */
    void moveSamples(SlotCompaction<ActiveSample> compaction) {
        move(own, ownMask, compaction);
    }

    /** Groups take other slots. */
    void moveGroups(SlotCompaction<ActiveGroup> compaction) {
        move(prefix, prefixMask, compaction);
    }

    private void move(Tensor cache, Tensor mask, SlotCompaction<?> compaction) {
        if (compaction.to().length > 0) {
            try (Scope step = Scope.open()) {
                Tensor to = step.longs(compaction.to(), compaction.to().length);
                Tensor from = step.longs(compaction.from(), compaction.from().length);
                model.script().call(step, "move", cache, mask, to, from);
            }
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
