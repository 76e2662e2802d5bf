package ai.consilium.policy.sampling;

import ai.consilium.policy.adapter.AdaptedWeights;
import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.List;
import java.util.SortedSet;

/** A batch's keys and values, filled and read by sampling.py. Live groups and samples lie in the first slots. */
final class KvCache implements AutoCloseable {
    private final PolicyModel model;
    private final CacheSize size;
    private final Scope scope = Scope.open();
    private final Tensor prefix;
    private final Tensor own;
    private final Tensor prefixMask;
    private final Tensor ownMask;

    /** How the next tokens are chosen. @param ends tokens that end a completion; may be empty */
    record Choice(double temperature, SortedSet<Integer> ends) {
        private static final long[] NONE = {-1};

        /** [ids]; where there is none, one that no token has. */
        Tensor tensor(Scope scope) {
            long[] ids = ends.isEmpty()
                    ? NONE
                    : ends.stream().mapToLong(Integer::longValue).toArray();
            return scope.longs(ids, ids.length);
        }
    }

    KvCache(PolicyModel model, CacheSize size) {
        this.model = model;
        this.size = size;
        List<Tensor> cache = model.script()
                .call(
                        scope,
                        "allocate",
                        model.weights().decoder(),
                        size.groups(),
                        size.prefixTokens(),
                        size.samples(),
                        size.instructionTokens() + size.completionTokens());
        prefix = cache.get(0);
        own = cache.get(1);
        prefixMask = cache.get(2);
        ownMask = cache.get(3);
    }

    CacheSize size() {
        return size;
    }

    /**
     * The same content with more room. Completions lie in a ring, token n of the batch in slot n modulo its length: what is
     * still there takes the slot that it has in the longer ring.
     *
     * @param larger than this in no dimension less
     * @param time tokens decoded since the batch was empty
     */
    KvCache moved(CacheSize larger, int groups, int samples, int time) {
        KvCache moved = new KvCache(model, larger);
        int ring = size.completionTokens();
        int kept = Math.min(time, ring);
        long[] from = new long[size.instructionTokens() + kept];
        long[] to = new long[from.length];
        int longer = larger.instructionTokens() - size.instructionTokens();
        for (int i = 0; i < size.instructionTokens(); i++) {
            from[i] = i;
            to[i] = i + longer;
        }
        for (int i = 0; i < kept; i++) {
            int token = time - kept + i;
            from[size.instructionTokens() + i] = size.instructionTokens() + token % ring;
            to[size.instructionTokens() + i] = larger.instructionTokens() + token % larger.completionTokens();
        }
        try (Scope step = Scope.open()) {
            model.script()
                    .call(
                            step,
                            "resettle",
                            prefix,
                            own,
                            prefixMask,
                            ownMask,
                            moved.prefix,
                            moved.own,
                            moved.prefixMask,
                            moved.ownMask,
                            groups,
                            samples,
                            step.longs(from, from.length),
                            step.longs(to, to.length));
        }
        return moved;
    }

    /** Fills the slots of the groups that come last, and of their samples. @return first tokens and log-probabilities [samples] */
    List<Tensor> prefill(
            DeviceBatch device,
            AdaptedWeights.Lease weights,
            List<ActiveGroup> groups,
            List<ActiveSample> samples,
            int firstGroup,
            int firstSample,
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
                        weights.decoder(),
                        weights.lora(),
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
                        weights.decoder(),
                        weights.lora(),
                        prefix,
                        own,
                        prefixMask,
                        ownMask,
                        grid.rows(step),
                        grid.places(step),
                        noise(begun, 1, step),
                        firstSample,
                        size.instructionTokens(),
                        firstGroup,
                        groups.size() - firstGroup,
                        choice.temperature(),
                        model.suppressed());
    }

    /** Up to {@code run} more tokens of every sample, after {@code time} since the batch was empty. @return tokens and log-probabilities [samples, tokens] */
    List<Tensor> decode(
            AdaptedWeights.Lease weights,
            List<ActiveGroup> groups,
            List<ActiveSample> samples,
            int run,
            int time,
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
                        weights.decoder(),
                        weights.lora(),
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
                        size.instructionTokens(),
                        time,
                        choice.temperature(),
                        choice.tensor(step),
                        model.suppressed());
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
