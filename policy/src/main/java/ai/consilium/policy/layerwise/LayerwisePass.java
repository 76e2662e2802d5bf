package ai.consilium.policy.layerwise;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.compute.Interrupts;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.torch.TorchRuntime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One group through the decoder, a layer at a time, and back (checkpoint.py). Between layers there are only hidden states: the
 * prefix's [1, P, hidden], and the samples' in slices. On one compute thread.
 */
public final class LayerwisePass implements AutoCloseable {
    private final PolicyModel model;
    private final List<Tensor> weights;
    private final Scope scope = Scope.open();
    private final Tensor embedded;
    private final Tensor valid;
    private final DeviceBatch.Turned turned;
    private final List<Slice> slices = new ArrayList<>();
    /** Inputs of layers, the last one's on top; beside them what comes after it. */
    private final Deque<States> inputs = new ArrayDeque<>();

    /** Samples that go through a layer together. @param at their loss tokens' flat places */
    private record Slice(Tensor tokens, Tensor at, DeviceBatch.Turned turned) {}

    /** Hidden states of prefix and slices, or their gradients, in memory of their own. @param prefix none after the last layer */
    private record States(Scope scope, List<Tensor> prefix, List<Tensor> samples) implements AutoCloseable {
        @Override
        public void close() {
            scope.close();
        }
    }

    /**
     * Lays a group out.
     *
     * @param batch of one group, padded on the right
     * @param at flat places in its samples of the tokens that a loss looks at, ascending
     * @param limit of the samples that go through a layer together
     */
    public LayerwisePass(
            PolicyModel model, EncodedPrompt prompt, PackedBatch batch, long[] at, SampleSlice.Limit limit) {
        this.model = model;
        this.weights = model.weights().decoder();
        DeviceBatch device = DeviceBatch.of(model, model.weights(), List.of(prompt), batch, scope);
        embedded = device.embedded();
        valid = device.valid();
        turned = device.turned();
        for (SampleSlice slice : SampleSlice.of(batch.samples(), at, limit)) {
            slices.add(slice(slice));
        }
    }

    private Slice slice(SampleSlice slice) {
        PackedBatch.Rows rows = slice.rows();
        return new Slice(
                scope.longs(rows.tokens(), rows.count(), rows.width()),
                scope.longs(slice.at(), slice.at().length),
                DeviceBatch.turned(model, scope, rows.positions(), rows.count(), rows.width()));
    }

    /**
     * Hidden states [M, hidden] of the loss tokens.
     *
     * @param kept whether {@link #back} will be called: each layer's inputs stay until then
     */
    public Tensor forward(@Nullable ResidentAdapter adapter, boolean kept, Scope into) throws InterruptedException {
        inputs.push(entry());
        for (int l = 0; l < model.config().layers(); l++) {
            Interrupts.check("training");
            States next = after(
                    inputs.element(),
                    DecoderLayer.of(model, l, adapter),
                    l == model.config().layers() - 1);
            if (!kept) {
                inputs.pop().close();
            }
            inputs.push(next);
        }
        try (States last = inputs.pop();
                Scope work = Scope.open()) {
            List<Tensor> rows = new ArrayList<>();
            for (int s = 0; s < slices.size(); s++) {
                rows.add(one(work, "rows", last.samples().get(s), slices.get(s).at()));
            }
            return one(into, "joined", rows);
        }
    }

    private States entry() {
        Scope own = Scope.open();
        Tensor none = scope.longs(new long[0], 0);
        return new States(
                own,
                List.of(embedded),
                slices.stream()
                        .map(slice -> one(own, "embed", slice.tokens(), weights, none, List.of()))
                        .toList());
    }

    private States after(States before, DecoderLayer layer, boolean last) {
        Scope own = Scope.open();
        try (Scope work = Scope.open()) {
            List<Tensor> prefix = new ArrayList<>(past(before, layer, last, work));
            List<Tensor> past = prefix.subList(prefix.size() - 2, prefix.size());
            List<Tensor> samples = new ArrayList<>();
            for (int s = 0; s < slices.size(); s++) {
                Slice slice = slices.get(s);
                samples.add(one(
                        own,
                        "sample_layer",
                        before.samples().get(s),
                        past,
                        valid,
                        layer.weights(),
                        layer.a(),
                        layer.b(),
                        layer.scale(),
                        slice.turned().cos(),
                        slice.turned().sin()));
            }
            return new States(own, last ? List.of() : List.of(own.adopt(prefix.get(0))), samples);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    /** @return the prefix after the layer, unless only its keys and values are asked for; keys; values */
    private List<Tensor> past(States before, DecoderLayer layer, boolean alone, Scope into) {
        return script().call(
                        into,
                        alone ? "prefix_keys" : "prefix_layer",
                        before.prefix().get(0),
                        layer.weights(),
                        layer.a(),
                        layer.b(),
                        layer.scale(),
                        turned.cos(),
                        turned.sin());
    }

    /**
     * Gradients of the adapter's leaves, in their order, after a {@link #forward} of the same adapter that kept.
     *
     * @param gradient [M, hidden] of what that returned
     */
    public List<Tensor> back(ResidentAdapter adapter, Tensor gradient, Scope into) throws InterruptedException {
        List<List<Tensor>> byLayer = new ArrayList<>();
        States above = ofOutputs(gradient);
        try {
            for (int l = model.config().layers() - 1; l >= 0; l--) {
                Interrupts.check("training");
                List<Tensor> leaves = new ArrayList<>();
                try (States before = inputs.pop()) {
                    States below = back(before, above, DecoderLayer.of(model, l, adapter), l > 0, leaves, into);
                    above.close();
                    above = below;
                }
                byLayer.add(0, leaves);
            }
        } finally {
            above.close();
        }
        return byLayer.stream().flatMap(List::stream).toList();
    }

    private States ofOutputs(Tensor gradient) {
        Scope own = Scope.open();
        List<Tensor> samples = new ArrayList<>();
        int start = 0;
        for (int s = 0; s < slices.size(); s++) {
            Tensor at = slices.get(s).at();
            Tensor like = inputs.element().samples().get(s);
            samples.add(one(own, "rows_back", gradient, start, at, like));
            start += Math.toIntExact(at.size());
        }
        return new States(own, List.of(), samples);
    }

    /** One layer: from the gradients of what it gave to those of what it was given. @param leaves where its leaves' are put */
    private States back(
            States before, States above, DecoderLayer layer, boolean below, List<Tensor> leaves, Scope into) {
        Scope own = Scope.open();
        try (Scope work = Scope.open()) {
            List<Tensor> past = past(before, layer, true, work);
            List<Tensor> samples = new ArrayList<>();
            List<Tensor> sums = new ArrayList<>();
            for (int s = 0; s < slices.size(); s++) {
                try (Scope sliced = Scope.open()) {
                    List<Tensor> found = new ArrayList<>(ofSamples(
                            before.samples().get(s),
                            past,
                            above.samples().get(s),
                            slices.get(s),
                            layer,
                            below,
                            sliced));
                    if (below) {
                        samples.add(own.adopt(found.remove(found.size() - 1)));
                    }
                    add(sums, found, work);
                }
            }
            List<Tensor> found = new ArrayList<>(TorchRuntime.recorded(() -> script().call(
                            work,
                            "prefix_gradients",
                            before.prefix().get(0),
                            layer.weights(),
                            layer.a(),
                            layer.b(),
                            layer.scale(),
                            turned.cos(),
                            turned.sin(),
                            above.prefix(),
                            sums.subList(0, 2),
                            layer.leaves(),
                            below)));
            List<Tensor> prefix = below ? List.of(own.adopt(found.remove(found.size() - 1))) : List.of();
            List<Tensor> ofSamples = sums.subList(2, sums.size());
            script().call(work, "add_all", ofSamples, found);
            ofSamples.forEach(sum -> leaves.add(into.adopt(sum)));
            return new States(own, prefix, samples);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    private List<Tensor> ofSamples(
            Tensor samples,
            List<Tensor> past,
            Tensor above,
            Slice slice,
            DecoderLayer layer,
            boolean below,
            Scope into) {
        return TorchRuntime.recorded(() -> script().call(
                        into,
                        "sample_gradients",
                        samples,
                        past,
                        valid,
                        layer.weights(),
                        layer.a(),
                        layer.b(),
                        layer.scale(),
                        slice.turned().cos(),
                        slice.turned().sin(),
                        above,
                        layer.leaves(),
                        below));
    }

    private void add(List<Tensor> sums, List<Tensor> found, Scope into) {
        if (sums.isEmpty()) {
            found.forEach(one -> sums.add(into.adopt(one)));
        } else {
            script().call(into, "add_all", sums, found);
        }
    }

    private Tensor one(Scope into, String method, Object... arguments) {
        return script().call(into, method, arguments).get(0);
    }

    private Script script() {
        return model.script();
    }

    @Override
    public void close() {
        inputs.forEach(States::close);
        inputs.clear();
        scope.close();
    }
}
